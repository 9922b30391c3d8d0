namespace ChatMvc.Billing.Stripe;

/// <summary>
/// <c>Received</c> until a job has asked Stripe for the object's present state; <c>Parked</c> waits for an operator.
/// <c>SetAside</c> was one of those or failed, and an operator said why nothing comes of it.
/// </summary>
public enum WebhookState { Received, Done, Ignored, Parked, Failed, SetAside }

/// <summary>One of Stripe's events, by its id: a second delivery finds the row and changes nothing. Its body is not kept, only what it speaks of.</summary>
public sealed class WebhookEvent
{
    public const int MaxReason = 200;

    /// <summary>After each failed attempt; after the last it is for an operator.</summary>
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15),
        TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromHours(12),
    ];

    private WebhookEvent() { }

    public WebhookEvent(string id, string type, string? objectId, bool liveMode, string? apiVersion, DateTimeOffset createdAt, DateTimeOffset now)
    {
        Id = id;
        Type = type;
        ObjectId = objectId;
        LiveMode = liveMode;
        ApiVersion = apiVersion;
        CreatedAt = createdAt;
        ReceivedAt = now;
    }

    /// <summary><c>evt_…</c></summary>
    public string Id { get; private set; } = "";
    public string Type { get; private set; } = "";
    /// <summary>The id of <c>data.object</c>: what Stripe is asked for.</summary>
    public string? ObjectId { get; private set; }
    public bool LiveMode { get; private set; }
    public string? ApiVersion { get; private set; }
    /// <summary>Stripe's time.</summary>
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset ReceivedAt { get; private set; }
    public WebhookState State { get; private set; }
    /// <summary>Why it is parked, ignored or failed, in plain words of at most 200 characters.</summary>
    public string? Reason { get; private set; }
    public int Attempts { get; private set; }
    public DateTimeOffset? NextAttemptAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }

    public void End(SyncOutcome outcome, DateTimeOffset now)
    {
        (State, Reason, EndedAt, NextAttemptAt) = (outcome.State, Short(outcome.Reason), now, null);
    }

    /// <summary>It could not be worked on: another time, if any is left.</summary>
    public void TryLater(string reason, DateTimeOffset now)
    {
        if (Attempts < Pauses.Length) (NextAttemptAt, Reason) = (now + Pauses[Attempts], Short(reason));
        else End(new SyncOutcome(WebhookState.Failed, reason), now);
        Attempts++;
    }

    /// <summary>Has it worked on anew, as if it had just come.</summary>
    public void Reopen() => (State, Reason, Attempts, NextAttemptAt, EndedAt) = (WebhookState.Received, null, 0, null, null);

    private static string? Short(string? reason) => reason?.Length > MaxReason ? reason[..MaxReason] : reason;
}

/// <summary>What came of an event.</summary>
/// <param name="State">Not <c>Received</c>.</param>
/// <param name="Reason">For the operator; ids and our own words alone.</param>
public readonly record struct SyncOutcome(WebhookState State, string? Reason = null)
{
    public static readonly SyncOutcome Done = new(WebhookState.Done);

    public static SyncOutcome Ignored(string reason) => new(WebhookState.Ignored, reason);

    public static SyncOutcome Parked(string reason) => new(WebhookState.Parked, reason);
}
