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
    /// <summary>How long Stripe's page can be paid on: less than the day that Stripe allows, as seen from the row's making.</summary>
    private static readonly TimeSpan Offered = TimeSpan.FromHours(23);
    /// <summary>Stripe takes no page that is open for less than half an hour.</summary>
    private static readonly TimeSpan LeastOffer = TimeSpan.FromHours(1);
    private const int KeyLength = 24;

    private Purchase() { }

    public Purchase(long userId, bool liveMode, PurchaseKind kind, long amountCents, DateTimeOffset now)
    {
        Key = RandomKey.OfLength(KeyLength);
        UserId = userId;
        LiveMode = liveMode;
        Kind = kind;
        AmountCents = amountCents;
        CreatedAt = now;
    }

    /// <summary>
    /// What Stripe still knows of a purchase whose row was lost with the time after a backup; null where it was not begun here by this person,
    /// or the page was never completed.
    /// </summary>
    public static Purchase? Regained(SessionObject session, long userId) => session is { Status: "complete", ClientReferenceId.Length: KeyLength, Mode: "payment" or "subscription" }
        && session.Metadata?.GetValueOrDefault(StripeMetadata.Purchase) == session.ClientReferenceId && session.Metadata?.GetValueOrDefault(StripeMetadata.Person) == StripeMetadata.Of(userId)
            ? new Purchase
            {
                Key = session.ClientReferenceId,
                UserId = userId,
                LiveMode = session.Livemode,
                Kind = session.Mode == "payment" ? PurchaseKind.TopUp : PurchaseKind.Pro,
                AmountCents = session.Mode == "payment" ? session.AmountTotal ?? 0 : 0,
                CreatedAt = StripeJson.Time(session.Created),
            }
            : null;

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

    /// <summary>What Stripe is told of its end: the same however often it is told.</summary>
    public DateTimeOffset OfferEnds => CreatedAt + Offered;
    public string CheckoutKey => $"checkout-{Key}";
    public bool IsTopUp => Kind == PurchaseKind.TopUp;

    /// <summary>Whether Stripe can still be asked for a page, or has given one.</summary>
    public bool CanBeOffered(DateTimeOffset now) => SessionId is not null || now < OfferEnds - LeastOffer;

    /// <summary>Stripe has a page to pay on.</summary>
    public void Offer(SessionObject session)
    {
        if (State != PurchaseState.Open) return;
        SessionId ??= session.Id;
        Url = session.Url;
        ExpiresAt = StripeJson.Time(session.ExpiresAt);
    }

    /// <summary>Nobody will pay it any more, as far as is known here. Stripe's word that it was paid still counts.</summary>
    public void Expire(DateTimeOffset now)
    {
        if (State == PurchaseState.Open) End(PurchaseState.Expired, now);
    }

    /// <summary>Takes over what Stripe says of its page. What was paid stays paid.</summary>
    /// <param name="session">Judged by <see cref="WhyNot"/> before.</param>
    /// <param name="now">The moment of it.</param>
    /// <returns>True when it is paid by this.</returns>
    public bool Apply(SessionObject session, DateTimeOffset now)
    {
        SessionId ??= session.Id;
        PaymentIntentId ??= session.PaymentIntent?.Id;
        ReceiptUrl = session.PaymentIntent?.LatestCharge?.ReceiptUrl ?? ReceiptUrl;
        if (State == PurchaseState.Paid) return false;
        if (session.IsPaid) End(PurchaseState.Paid, now);
        else if (session.Status == "expired") Expire(now);
        else if (session.Status == "complete" && session.PaymentIntent?.HasFailed == true) End(PurchaseState.Failed, now);
        else if (session.Status == "complete") State = PurchaseState.Waiting;
        else Offer(session);
        if (State != PurchaseState.Open) Url = null;
        return State == PurchaseState.Paid;
    }

    /// <summary>A delayed payment that did not come.</summary>
    public void Fail(DateTimeOffset now)
    {
        if (State is PurchaseState.Open or PurchaseState.Waiting) End(PurchaseState.Failed, now);
    }

    /// <summary>Why a page of Stripe's is not the one of this purchase, in words for the operator; null when it is.</summary>
    /// <param name="session">As Stripe told it when asked.</param>
    /// <param name="customer">Who this person is at Stripe; null when that is not known any more.</param>
    public string? WhyNot(SessionObject session, string? customer) => this switch
    {
        _ when session.Livemode != LiveMode => "It is of the other mode than its purchase.",
        _ when SessionId is not null && SessionId != session.Id => "Its purchase has another page.",
        _ when session.Mode != (IsTopUp ? "payment" : "subscription") => "It sells something else than its purchase.",
        _ when IsTopUp && session.Currency != "usd" => "Its currency is not US dollars.",
        _ when IsTopUp && session.AmountTotal != AmountCents => "Its amount is not that of its purchase.",
        _ when session.Metadata?.GetValueOrDefault(StripeMetadata.Person) is { } person && person != StripeMetadata.Of(UserId) => "Its metadata name another person.",
        { State: not PurchaseState.Paid } when customer is not null && session.Customer != customer => "Its customer is another person.",
        _ => null,
    };

    private void End(PurchaseState state, DateTimeOffset now) => (State, EndedAt, Url) = (state, now, null);
}

/// <summary>What our objects at Stripe say of us: ids, nothing else.</summary>
internal static class StripeMetadata
{
    public const string Person = "user_id";
    public const string Purchase = "purchase";

    public static string Of(long person) => person.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
