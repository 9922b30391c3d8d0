namespace ChatMvc.Accounts;

/// <summary>
/// A free message that somebody used before deleting the account, kept for the rest of its window: the same number gets no
/// fresh allowance by signing up again.
/// </summary>
public sealed class FormerUse
{
    private FormerUse() { }

    public FormerUse(byte[] phoneMac, DateTimeOffset takenAt)
    {
        PhoneMac = phoneMac;
        TakenAt = takenAt;
    }

    public long Id { get; private set; }
    /// <summary>A MAC of the number under a key of this server: the row alone does not say whose it was.</summary>
    public byte[] PhoneMac { get; private set; } = [];
    public DateTimeOffset TakenAt { get; private set; }
}
