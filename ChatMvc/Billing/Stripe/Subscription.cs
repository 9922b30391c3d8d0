namespace ChatMvc.Billing.Stripe;

/// <summary>A Pro subscription as Stripe last told it when asked; never as an event claimed it.</summary>
public sealed class Subscription
{
    private Subscription() { }

    public Subscription(string id, long userId, bool liveMode) => (Id, UserId, LiveMode) = (id, userId, liveMode);

    /// <summary><c>sub_…</c></summary>
    public string Id { get; private set; } = "";
    public long UserId { get; private set; }
    public bool LiveMode { get; private set; }
    /// <summary>Stripe's own word: <c>active</c>, <c>trialing</c>, <c>past_due</c>, <c>canceled</c> …</summary>
    public string Status { get; private set; } = "";
    public string? PriceId { get; private set; }
    /// <summary>The end of the period that is paid for.</summary>
    public DateTimeOffset? PeriodEnd { get; private set; }
    /// <summary>When it ends, where that is settled.</summary>
    public DateTimeOffset? CancelAt { get; private set; }
    /// <summary>Since when a payment is owed; the grace begins here.</summary>
    public DateTimeOffset? PastDueSince { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
    /// <summary>Stripe's time of its making.</summary>
    public DateTimeOffset CreatedAt { get; private set; }
    /// <summary>When Stripe was last asked.</summary>
    public DateTimeOffset SyncedAt { get; private set; }

    /// <summary>Whether it makes its person Pro now: paid for, or owed for no longer than the grace.</summary>
    public bool Entitles(DateTimeOffset now, TimeSpan grace) => (CancelAt is null || now < CancelAt) && Status switch
    {
        "active" or "trialing" => true,
        "past_due" => PastDueSince is { } since && now < since + grace,
        _ => false,
    };
}
