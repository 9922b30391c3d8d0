namespace ChatMvc.Billing;

/// <summary>One free message taken, with its time; the allowance left is counted over these rows, never kept as a number.</summary>
public sealed class AllowanceUse
{
    private AllowanceUse() { }

    public AllowanceUse(long userId, long answerId, DateTimeOffset now)
    {
        UserId = userId;
        AnswerId = answerId;
        TakenAt = now;
    }

    /// <summary>One taken by an earlier account of the same number; its answer is gone.</summary>
    public static AllowanceUse Former(long userId, Accounts.FormerUse use) => new(userId, -use.Id, use.TakenAt);

    public long Id { get; private set; }
    public long UserId { get; private set; }
    /// <summary>The assistant's message that was paid for: unique, so nothing is counted twice. Negative for a former use.</summary>
    public long AnswerId { get; private set; }
    public DateTimeOffset TakenAt { get; private set; }
    public DateTimeOffset? GivenBackAt { get; private set; }
}
