namespace ChatMvc.Billing.Stripe;

/// <summary>A person as Stripe knows them: made once in each mode, before the first Checkout.</summary>
public sealed class StripeCustomer
{
    private StripeCustomer() { }

    public StripeCustomer(string id, long userId, bool liveMode, DateTimeOffset now)
    {
        Id = id;
        UserId = userId;
        LiveMode = liveMode;
        CreatedAt = now;
    }

    /// <summary><c>cus_…</c></summary>
    public string Id { get; private set; } = "";
    public long UserId { get; private set; }
    public bool LiveMode { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
}
