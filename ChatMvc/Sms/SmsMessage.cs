using ChatMvc.Accounts;

namespace ChatMvc.Sms;

/// <summary>
/// A text message on its way. <c>Sending</c> that never became <c>Sent</c> is an unknown outcome: Twilio has no
/// idempotency key, so it is shown and never sent again. <c>Withheld</c> was never meant to leave: the number may not
/// sign up, and whoever asked is not told; or, with an error code, the number is blocked. <c>Delivered</c> and <c>Undelivered</c> are what the carrier reported later, and
/// final.
/// </summary>
public enum SmsState { Waiting, Sending, Sent, Failed, Unknown, Withheld, Delivered, Undelivered }

public sealed class SmsMessage
{
    /// <summary>A text that waited longer has lost its point: no code lives longer.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(10);
    /// <summary>Of which all but the last were certainly not taken.</summary>
    public const int MaxAttempts = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SecondPause = TimeSpan.FromSeconds(30);
    /// <summary>Of a pause, added at random: those who were refused together do not come back together.</summary>
    private const double Jitter = 0.5;

    private SmsMessage() { }

    public SmsMessage(PhoneNumber to, byte[] protectedBody, DateTimeOffset now)
    {
        To = to.ToString();
        ProtectedBody = protectedBody;
        CreatedAt = now;
    }

    public long Id { get; private set; }
    /// <summary>E.164.</summary>
    public string To { get; private set; } = "";
    /// <summary>The text, encrypted with Data Protection; erased when it is handed to the carrier or given up.</summary>
    public byte[]? ProtectedBody { get; private set; }
    public SmsState State { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    /// <summary>How often the carrier was asked.</summary>
    public int Attempts { get; private set; }
    /// <summary>When it may be asked again, after an answer that means it certainly sent nothing.</summary>
    public DateTimeOffset? NextAttemptAt { get; private set; }
    public DateTimeOffset? SentAt { get; private set; }
    /// <summary>Twilio's word for how far it got, such as <c>delivered</c>, and when it said so.</summary>
    public string? CarrierStatus { get; private set; }
    public DateTimeOffset? CarrierStatusAt { get; private set; }
    /// <summary>Twilio's message id.</summary>
    public string? Sid { get; private set; }
    /// <summary>Twilio's code, such as 21211.</summary>
    public int? ErrorCode { get; private set; }

    /// <summary>A row like the others, for a number that gets nothing.</summary>
    public static SmsMessage Withheld(PhoneNumber to, DateTimeOffset now) =>
        new() { To = to.ToString(), State = SmsState.Withheld, CreatedAt = now };

    /// <summary>Keeps a waiting message from being sent, to a number that is blocked.</summary>
    public void Withhold(SmsBlock block)
    {
        if (State == SmsState.Waiting) (State, ErrorCode, ProtectedBody) = (SmsState.Withheld, block.ErrorCode, null);
    }

    /// <summary>
    /// Gives the encrypted text out, once: the row keeps none of it, so nothing can be sent twice. Null when somebody
    /// else has it, when its next attempt is not due, or when it waited too long.
    /// </summary>
    public byte[]? HandOver(DateTimeOffset now)
    {
        if (State != SmsState.Waiting || now < NextAttemptAt) return null;
        var body = ProtectedBody;
        ProtectedBody = null;
        State = now - CreatedAt > MaxWait ? SmsState.Failed : SmsState.Sending;
        if (State == SmsState.Failed) return null;
        Attempts++;
        return body;
    }

    /// <summary>What the carrier said; also after the sweep had lost patience, not after a report that knew more.</summary>
    /// <param name="outcome">Of the attempt for which the text was handed over.</param>
    /// <param name="protectedBody">That text, to be kept for another attempt where there is one.</param>
    /// <param name="now">The moment.</param>
    public void Settle(SmsOutcome outcome, byte[] protectedBody, DateTimeOffset now)
    {
        if (State is not (SmsState.Sending or SmsState.Unknown)) return;
        switch (outcome)
        {
            case SmsOutcome.Taken taken:
                (State, SentAt, Sid, ErrorCode) = (SmsState.Sent, now, taken.Sid, null);
                break;
            case SmsOutcome.NotTaken answer when NextAfter(answer, now) is { } next:
                (State, ProtectedBody, NextAttemptAt, ErrorCode) = (SmsState.Waiting, protectedBody, next, answer.ErrorCode);
                break;
            case SmsOutcome.NotTaken answer:
                (State, ErrorCode) = (SmsState.Failed, answer.ErrorCode);
                break;
            case SmsOutcome.Refused refused:
                (State, ErrorCode) = (SmsState.Failed, refused.ErrorCode);
                break;
            default:
                State = SmsState.Unknown;
                break;
        }
    }

    /// <summary>
    /// What the carrier reports. Reports come late, twice and out of order: only what leads further counts, and nothing
    /// after an end. One may come before the answer to our own request, or in place of it.
    /// </summary>
    /// <returns>Whether it was about this message and new.</returns>
    public bool Hear(StatusReport report, DateTimeOffset now)
    {
        if (report.To != To || Sid is not null && report.Sid != Sid) return false;
        if (State is SmsState.Withheld or SmsState.Delivered or SmsState.Undelivered) return false;
        if (CarrierStatuses.Rank(report.Status) is not { } rank || rank <= CarrierStatuses.Rank(CarrierStatus)) return false;
        (Sid, CarrierStatus, CarrierStatusAt) = (report.Sid, report.Status, now);
        State = CarrierStatuses.StateOf(report.Status);
        ErrorCode = State == SmsState.Undelivered ? report.ErrorCode : null;
        SentAt ??= now;
        // It did leave, whatever we were told before.
        ProtectedBody = null;
        return true;
    }

    /// <summary>When the carrier may be asked again, or null when that is too often or too late.</summary>
    private DateTimeOffset? NextAfter(SmsOutcome.NotTaken answer, DateTimeOffset now)
    {
        var pause = (Attempts <= 1 ? FirstPause : SecondPause) * (1 + Random.Shared.NextDouble() * Jitter);
        var next = now + (answer.RetryAfter > pause ? answer.RetryAfter.Value : pause);
        return Attempts < MaxAttempts && next <= CreatedAt + MaxWait ? next : null;
    }
}

/// <summary>Twilio's words for how far a message came: https://www.twilio.com/docs/messaging/api/message-resource#message-status-values.</summary>
internal static class CarrierStatuses
{
    public const string Sent = "sent";
    private const int End = 4;

    /// <summary>How far that is; null for a word that is not known here.</summary>
    public static int? Rank(string? status) => status switch
    {
        "accepted" or "scheduled" => 0,
        "queued" => 1,
        "sending" => 2,
        Sent => 3,
        "delivered" or "read" or "partially_delivered" or "undelivered" or "failed" or "canceled" => End,
        _ => null,
    };

    /// <param name="status">One that has a rank.</param>
    public static SmsState StateOf(string status) => status switch
    {
        "delivered" or "read" or "partially_delivered" => SmsState.Delivered,
        "undelivered" or "failed" or "canceled" => SmsState.Undelivered,
        _ => SmsState.Sent,
    };
}
