namespace ChatMvc.Billing.Ledger;

/// <summary>What moved a balance.</summary>
public enum LedgerKind
{
    /// <summary>Prepaid credit that was paid for.</summary>
    TopUp,
    /// <summary>The most that an answer may cost, taken when it is asked for.</summary>
    Hold,
    /// <summary>What an answer did not use of its hold, given back when it ends.</summary>
    Settle,
    /// <summary>A whole hold given back: the answer failed, or was stopped while it waited.</summary>
    Release,
    /// <summary>A top-up paid back, wholly or in part.</summary>
    Refund,
    /// <summary>A refund that failed at the bank.</summary>
    RefundReversal,
    /// <summary>A top-up that the payer's bank took back.</summary>
    Dispute,
    /// <summary>A dispute that was won.</summary>
    DisputeReversal,
    /// <summary>An operator's own, with a reason.</summary>
    Adjustment,
}

/// <summary>
/// One movement of a person's prepaid credit. Rows are only ever added (the database refuses anything else), one per
/// answer and kind, one per vendor's object and kind; the balance is their sum within one <see cref="LiveMode"/>.
/// </summary>
public sealed class LedgerEntry
{
    public const int MaxReason = 200;

    private LedgerEntry() { }

    internal LedgerEntry(long userId, bool liveMode, LedgerKind kind, Usd amount, Usd balance, DateTimeOffset now)
    {
        UserId = userId;
        LiveMode = liveMode;
        Kind = kind;
        AmountMicros = amount.Micros;
        BalanceMicros = balance.Micros;
        CreatedAt = now;
    }

    public long Id { get; private set; }
    public long UserId { get; private set; }
    /// <summary>Whether real money paid for it: what was bought in the sandbox or with a test key counts only there.</summary>
    public bool LiveMode { get; private set; }
    public LedgerKind Kind { get; private set; }
    /// <summary>Micro-dollars, signed: what it adds to the balance.</summary>
    public long AmountMicros { get; private set; }
    /// <summary>Micro-dollars after it: the newest row tells the balance without summing all of them.</summary>
    public long BalanceMicros { get; private set; }
    /// <summary>The assistant's message that a hold, settlement or release is for.</summary>
    public long? AnswerId { get; internal init; }
    /// <summary>What makes a payment's row unique within its kind: the vendor's object, with its running total where one object moves money several times.</summary>
    public string? Reference { get; internal init; }
    /// <summary>In plain words, at most 200 characters; shown to the person.</summary>
    public string? Reason { get; internal init; }
    public DateTimeOffset CreatedAt { get; private set; }

    public Usd Amount => new(AmountMicros);
    public Usd Balance => new(BalanceMicros);
}
