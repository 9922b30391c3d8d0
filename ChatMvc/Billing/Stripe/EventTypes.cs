using System.Collections.Frozen;

namespace ChatMvc.Billing.Stripe;

/// <summary>What an event is about, and so what Stripe is asked for.</summary>
public enum EventSubject { Session, Subscription, Invoice, Charge, Refund, Dispute, Customer }

/// <summary>The types of Stripe's events that are acted on: those to tick for the webhook endpoint.</summary>
public static class EventTypes
{
    private static readonly FrozenDictionary<string, EventSubject> Subjects = new Dictionary<string, EventSubject>
    {
        ["checkout.session.completed"] = EventSubject.Session,
        ["checkout.session.async_payment_succeeded"] = EventSubject.Session,
        ["checkout.session.async_payment_failed"] = EventSubject.Session,
        ["checkout.session.expired"] = EventSubject.Session,
        ["customer.subscription.created"] = EventSubject.Subscription,
        ["customer.subscription.updated"] = EventSubject.Subscription,
        ["customer.subscription.deleted"] = EventSubject.Subscription,
        ["customer.subscription.paused"] = EventSubject.Subscription,
        ["customer.subscription.resumed"] = EventSubject.Subscription,
        ["customer.subscription.trial_will_end"] = EventSubject.Subscription,
        ["invoice.finalized"] = EventSubject.Invoice,
        ["invoice.paid"] = EventSubject.Invoice,
        ["invoice.payment_failed"] = EventSubject.Invoice,
        ["invoice.payment_action_required"] = EventSubject.Invoice,
        ["invoice.voided"] = EventSubject.Invoice,
        ["invoice.marked_uncollectible"] = EventSubject.Invoice,
        ["charge.refunded"] = EventSubject.Charge,
        ["refund.updated"] = EventSubject.Refund,
        ["refund.failed"] = EventSubject.Refund,
        ["charge.dispute.created"] = EventSubject.Dispute,
        ["charge.dispute.closed"] = EventSubject.Dispute,
        ["charge.dispute.funds_withdrawn"] = EventSubject.Dispute,
        ["charge.dispute.funds_reinstated"] = EventSubject.Dispute,
        ["customer.deleted"] = EventSubject.Customer,
    }.ToFrozenDictionary();

    public static IReadOnlyList<string> All { get; } = [.. Subjects.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Null for a type that is not acted on.</summary>
    public static EventSubject? SubjectOf(string type) => Subjects.TryGetValue(type, out var subject) ? subject : null;
}
