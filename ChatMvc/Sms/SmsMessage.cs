using ChatMvc.Accounts;

namespace ChatMvc.Sms;

/// <summary>
/// A text message on its way. <c>Sending</c> that never became <c>Sent</c> is an unknown outcome: Twilio has no
/// idempotency key, so it is shown and never sent again. <c>Withheld</c> was never meant to leave: the number may not
/// sign up, and whoever asked is not told. <c>Delivered</c> and <c>Undelivered</c> are what the carrier reported later, and
/// final.
/// </summary>
public enum SmsState { Waiting, Sending, Sent, Failed, Unknown, Withheld, Delivered, Undelivered }

public sealed class SmsMessage
{
    /// <summary>A text that waited longer has lost its point: no code lives longer.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(10);

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

    /// <summary>
    /// Gives the encrypted text out, once: the row keeps none of it, so nothing can be sent twice. Null when somebody
    /// else has it, or when it waited too long.
    /// </summary>
    public byte[]? HandOver(DateTimeOffset now)
    {
        if (State != SmsState.Waiting) return null;
        var body = ProtectedBody;
        ProtectedBody = null;
        State = now - CreatedAt > MaxWait ? SmsState.Failed : SmsState.Sending;
        return State == SmsState.Sending ? body : null;
    }

    /// <summary>What the carrier said; also after the sweep had lost patience.</summary>
    public void Settle(SmsOutcome outcome, DateTimeOffset now)
    {
        if (State is not (SmsState.Sending or SmsState.Unknown)) return;
        switch (outcome)
        {
            case SmsOutcome.Taken taken:
                (State, SentAt, Sid) = (SmsState.Sent, now, taken.Sid);
                break;
            case SmsOutcome.Refused refused:
                (State, ErrorCode) = (SmsState.Failed, refused.ErrorCode);
                break;
            default:
                State = SmsState.Unknown;
                break;
        }
    }
}
