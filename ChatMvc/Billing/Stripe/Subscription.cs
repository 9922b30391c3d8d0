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

    /// <summary>Whether it stands in the way of another: it runs, or would again once it is paid for.</summary>
    public bool IsAlive => Status is "active" or "trialing" or "past_due" or "unpaid" or "paused";

    /// <summary>Until when an owed payment leaves its person Pro; null while nothing is owed.</summary>
    public DateTimeOffset? GraceUntil(TimeSpan grace) => PastDueSince + grace;

    /// <summary>Takes over what Stripe says of it. Depends on that alone, so that it does not matter which news came.</summary>
    /// <param name="told">With its newest invoice.</param>
    /// <param name="now">When Stripe was asked.</param>
    public void Apply(SubscriptionObject told, DateTimeOffset now)
    {
        Status = told.Status;
        PriceId = told.Parts.Select(p => p.Price).FirstOrDefault();
        PeriodEnd = StripeJson.Time(told.Parts.Max(p => p.CurrentPeriodEnd));
        CancelAt = StripeJson.Time(told.CancelAt) ?? (told.CancelAtPeriodEnd ? PeriodEnd : null);
        // Stripe does not say since when; the invoice that is owed does.
        PastDueSince = told.Status != "past_due" ? null
            : StripeJson.Time(told.LatestInvoice?.StatusTransitions?.FinalizedAt ?? told.LatestInvoice?.Created) ?? PastDueSince ?? now;
        EndedAt = StripeJson.Time(told.EndedAt);
        CreatedAt = StripeJson.Time(told.Created);
        SyncedAt = now;
    }

    /// <summary>Whether Stripe tells it otherwise than this row.</summary>
    public bool Differs(SubscriptionObject told)
    {
        var other = new Subscription(Id, UserId, LiveMode);
        other.Apply(told, SyncedAt);
        return (Status, PriceId, PeriodEnd, CancelAt, EndedAt) != (other.Status, other.PriceId, other.PeriodEnd, other.CancelAt, other.EndedAt);
    }
}
