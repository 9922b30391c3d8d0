namespace ChatMvc.Billing.Ledger;

/// <summary>What one person's requests, or the whole server's, have cost upstream on a day: a running sum over the completions.</summary>
public sealed class DailyCost
{
    /// <summary>Stands for the whole server.</summary>
    public const long Server = 0;

    private DailyCost() { }

    public long UserId { get; private set; }
    /// <summary>Days since 0001-01-01, UTC (<see cref="DateOnly.DayNumber"/>).</summary>
    public int Day { get; private set; }
    public long Micros { get; private set; }

    public static int DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime).DayNumber;
}
