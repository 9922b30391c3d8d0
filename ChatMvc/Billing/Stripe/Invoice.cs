namespace ChatMvc.Billing.Stripe;

/// <summary>An invoice of a subscription, for the person to open; nothing is decided by it.</summary>
public sealed class Invoice
{
    private Invoice() { }

    public Invoice(string id, long userId, bool liveMode, DateTimeOffset createdAt) => (Id, UserId, LiveMode, CreatedAt) = (id, userId, liveMode, createdAt);

    /// <summary><c>in_…</c></summary>
    public string Id { get; private set; } = "";
    public long UserId { get; private set; }
    public bool LiveMode { get; private set; }
    public string? SubscriptionId { get; private set; }
    /// <summary>Stripe's own word: <c>open</c>, <c>paid</c>, <c>uncollectible</c>, <c>void</c>.</summary>
    public string Status { get; private set; } = "";
    /// <summary>In the currency's smallest unit.</summary>
    public long Amount { get; private set; }
    public string Currency { get; private set; } = "";
    public string? HostedUrl { get; private set; }
    public string? PdfUrl { get; private set; }
    public DateTimeOffset? NextAttemptAt { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }

    public void Apply(InvoiceObject told)
    {
        SubscriptionId = told.Subscription;
        Status = told.Status ?? "";
        Amount = told.Total;
        Currency = told.Currency ?? "";
        HostedUrl = told.HostedInvoiceUrl;
        PdfUrl = told.InvoicePdf;
        NextAttemptAt = StripeJson.Time(told.NextPaymentAttempt);
    }
}
