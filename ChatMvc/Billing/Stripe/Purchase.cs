using ChatMvc.Shared;

namespace ChatMvc.Billing.Stripe;

public enum PurchaseKind { Pro, TopUp }

/// <summary>
/// <c>Open</c>: at Stripe's page; <c>Waiting</c>: a delayed payment was promised; then paid, failed, or expired unpaid.
/// </summary>
public enum PurchaseState { Open, Waiting, Paid, Failed, Expired }

/// <summary>
/// Something that a person set out to buy: the row is there before Stripe hears of it, and its key is the idempotency key,
/// so pressing twice makes one Checkout session. What is paid is judged against it.
/// </summary>
public sealed class Purchase
{
    private Purchase() { }

    public Purchase(long userId, bool liveMode, PurchaseKind kind, long amountCents, DateTimeOffset now)
    {
        Key = RandomKey.OfLength(24);
        UserId = userId;
        LiveMode = liveMode;
        Kind = kind;
        AmountCents = amountCents;
        CreatedAt = now;
    }

    public long Id { get; private set; }
    /// <summary>Random; <c>client_reference_id</c>, metadata and idempotency key at Stripe.</summary>
    public string Key { get; private set; } = "";
    public long UserId { get; private set; }
    public bool LiveMode { get; private set; }
    public PurchaseKind Kind { get; private set; }
    /// <summary>US cents of a top-up; 0 for Pro, whose price Stripe knows.</summary>
    public long AmountCents { get; private set; }
    public PurchaseState State { get; private set; }
    /// <summary><c>cs_…</c></summary>
    public string? SessionId { get; private set; }
    /// <summary>Stripe's page to pay on, while the session is open.</summary>
    public string? Url { get; private set; }
    public DateTimeOffset? ExpiresAt { get; private set; }
    /// <summary><c>pi_…</c> of a paid top-up: how refunds and disputes find it.</summary>
    public string? PaymentIntentId { get; private set; }
    public string? ReceiptUrl { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
}
