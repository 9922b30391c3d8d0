namespace ChatMvc.Billing.Stripe;

internal static partial class StripeLog
{
    [LoggerMessage(201, LogLevel.Warning, "Stripe did not do {Method} {Path}: status {Status}, {Type} {Code}, request {RequestId}, attempt {Attempt}")]
    public static partial void Refused(ILogger logger, string method, string path, int status, string? type, string? code, string? requestId, int attempt);

    [LoggerMessage(202, LogLevel.Information, "Event {Event} of type {Type} about {Object}: {State}")]
    public static partial void EventEnded(ILogger logger, string @event, string type, string? @object, WebhookState state);

    [LoggerMessage(203, LogLevel.Warning, "Event {Event} of type {Type} about {Object} is {State}: {Reason}")]
    public static partial void EventStuck(ILogger logger, string @event, string type, string? @object, WebhookState state, string? reason);

    [LoggerMessage(204, LogLevel.Warning, "Event {Event} of type {Type} could not be worked on, attempt {Attempt}; the next is at {NextAttemptAt}")]
    public static partial void EventTriedAgainLater(ILogger logger, Exception exception, string @event, string type, int attempt, DateTimeOffset? nextAttemptAt);

    [LoggerMessage(205, LogLevel.Warning, "Event {Event} is of Stripe's version {ApiVersion}, not of our {Version}: create the webhook endpoint with ours")]
    public static partial void ForeignVersion(ILogger logger, string @event, string? apiVersion, string version);

    [LoggerMessage(206, LogLevel.Error, "A rightly signed event came {Seconds} s off: look after this server's clock")]
    public static partial void ClockIsOff(ILogger logger, long seconds);

    [LoggerMessage(207, LogLevel.Warning, "A post to the webhook of Stripe carried no signature of ours")]
    public static partial void Forged(ILogger logger);

    [LoggerMessage(208, LogLevel.Information, "Reconciliation {Reconciliation}: {Events} events had never arrived, {Repaired} rows were repaired")]
    public static partial void Reconciled(ILogger logger, long reconciliation, int events, int repaired);

    [LoggerMessage(209, LogLevel.Error, "Reconciliation {Reconciliation} was cut off; it is begun anew within the hour")]
    public static partial void ReconciliationFailed(ILogger logger, Exception exception, long reconciliation);

    [LoggerMessage(210, LogLevel.Warning, "Reconciliation {Reconciliation} reads at most {Max} pages of {List}; there were more")]
    public static partial void TooManyPages(ILogger logger, long reconciliation, int max, string list);

    [LoggerMessage(211, LogLevel.Information, "Purchase {Purchase} is {State}")]
    public static partial void PurchaseMoved(ILogger logger, long purchase, PurchaseState state);

    [LoggerMessage(212, LogLevel.Information, "Subscription {Subscription} of person {Person} is {Status}")]
    public static partial void SubscriptionMoved(ILogger logger, string subscription, long person, string status);

    [LoggerMessage(213, LogLevel.Information, "Person {Person} is gone; subscriptions and customer at Stripe were ended")]
    public static partial void LeftStripe(ILogger logger, long person);

    [LoggerMessage(214, LogLevel.Error, "Purchase {Purchase} could not be taken to Stripe: {Code} {Param}")]
    public static partial void CheckoutRefused(ILogger logger, Exception exception, long purchase, string? code, string? param);

    [LoggerMessage(215, LogLevel.Warning, "Ended person {Person} could not be taken off Stripe yet; tried again in a minute")]
    public static partial void StillAtStripe(ILogger logger, Exception exception, long person);

    [LoggerMessage(216, LogLevel.Warning, "Whether {Session} was paid could not be asked: status {Status}; its event tells it later")]
    public static partial void SuccessNotAsked(ILogger logger, string session, int status);
}
