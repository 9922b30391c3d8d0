namespace ChatMvc.Sms;

/// <summary>Why a message did not arrive, in words for the person who waits for it, with what to do next.</summary>
public static class SmsTrouble
{
    /// <summary>Null while all is well, and for a message that is withheld without a word.</summary>
    /// <param name="sms">The message, if there is one.</param>
    /// <param name="sender">The number that our messages come from (E.164), where it is a number.</param>
    public static string? InWords(SmsMessage? sms, string? sender) => sms switch
    {
        { State: SmsState.Unknown } => "We cannot tell whether your message left. If nothing arrives in a minute, ask for a new code.",
        { State: SmsState.Withheld, ErrorCode: { } code } => Why(code, sender),
        { State: SmsState.Failed } => Why(sms.ErrorCode, sender) ?? "Your message could not be sent. Ask for a new code in a moment.",
        { State: SmsState.Undelivered } => Why(sms.ErrorCode, sender) ?? "Your carrier refused the message. Ask for a new code, or use another number.",
        _ => null,
    };

    /// <summary>Twilio's codes, the synchronous ones and those of later reports; null for one that is not known here.</summary>
    private static string? Why(int? code, string? sender) => code switch
    {
        TwilioCode.InvalidTo => "This number cannot receive text messages. Check it, or use a mobile number.",
        TwilioCode.NotMobile => "This number cannot receive text messages. Use a mobile number.",
        TwilioCode.Landline => "This number cannot receive text messages: it is a landline, or its carrier cannot be reached. Use a mobile number.",
        TwilioCode.UnknownNumber => "Your carrier does not know this number. Check it, or use another one.",
        TwilioCode.NoPermission or TwilioCode.NoRoute => "We cannot send text messages to this number. Use a number of another country or carrier.",
        TwilioCode.Stopped => $"This number has opted out of our messages. Text START to {sender ?? "the number they came from"}, then ask for a new code in ten minutes.",
        TwilioCode.Unreachable => "Your phone could not be reached. Switch it on, go where it has a signal, then ask for a new code.",
        TwilioCode.Blocked => "Your carrier refused the message, or your phone blocks our number. Unblock it, or use another number.",
        TwilioCode.Filtered or TwilioCode.CodeFiltered => "Your carrier took the message for spam and refused it. Use another number.",
        TwilioCode.NotDelivered => "Your carrier refused the message and does not say why. Ask for a new code, or use another number.",
        TwilioCode.PumpingProtection => "Messages to numbers like yours are stopped for now, because of too many requests. Try again later, or use another number.",
        TwilioCode.TooManyRequests or TwilioCode.QueueFull or TwilioCode.QueueOverflow =>
            "Too many messages are on their way just now. Ask for a new code in a moment.",
        TwilioCode.InvalidFrom or TwilioCode.NoBody or TwilioCode.NoFrom or TwilioCode.NoTo or TwilioCode.SenderCannotSend or TwilioCode.Trial
            or TwilioCode.TooLong or TwilioCode.NotRegistered or TwilioCode.NotSignedIn or TwilioCode.InvalidCallback =>
            "This server cannot send text messages at present. That is not your fault: try again later, or tell whoever runs it.",
        _ => null,
    };
}

/// <summary>Twilio's error codes: https://www.twilio.com/docs/api/errors.</summary>
internal static class TwilioCode
{
    public const int NotSignedIn = 20003;
    public const int TooManyRequests = 20429;
    public const int InvalidTo = 21211;
    public const int InvalidFrom = 21212;
    public const int NoPermission = 21408;
    public const int NoBody = 21602;
    public const int NoFrom = 21603;
    public const int NoTo = 21604;
    public const int SenderCannotSend = 21606;
    public const int Trial = 21608;
    public const int InvalidCallback = 21609;
    public const int Stopped = 21610;
    public const int QueueFull = 21611;
    public const int NoRoute = 21612;
    public const int NotMobile = 21614;
    public const int TooLong = 21617;
    public const int QueueOverflow = 30001;
    public const int Unreachable = 30003;
    public const int Blocked = 30004;
    public const int UnknownNumber = 30005;
    public const int Landline = 30006;
    public const int Filtered = 30007;
    public const int NotDelivered = 30008;
    public const int NotRegistered = 30034;
    public const int CodeFiltered = 30038;
    public const int PumpingProtection = 30450;
}
