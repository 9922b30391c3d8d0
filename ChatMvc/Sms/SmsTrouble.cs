namespace ChatMvc.Sms;

/// <summary>Why a message did not arrive, in words for the person who waits for it.</summary>
public static class SmsTrouble
{
    /// <summary>Null while all is well.</summary>
    public static string? InWords(SmsMessage? sms) => sms switch
    {
        { State: SmsState.Unknown } => "We cannot tell whether your message left. If nothing arrives in a minute, ask for a new code.",
        { State: SmsState.Failed, ErrorCode: InvalidTo or NotMobile } =>
            "This number cannot receive text messages. Check it, or use a mobile number.",
        { State: SmsState.Failed, ErrorCode: NoPermission or NoRoute } => "We cannot send text messages to this number.",
        { State: SmsState.Failed, ErrorCode: Stopped } =>
            "This number has opted out of our messages. Text START to the number they came from, then ask for a new code.",
        { State: SmsState.Failed } => "Your message could not be sent. Ask for a new code in a moment.",
        _ => null,
    };

    // https://www.twilio.com/docs/api/errors
    private const int InvalidTo = 21211;
    private const int NotMobile = 21614;
    private const int NoPermission = 21408;
    private const int NoRoute = 21612;
    private const int Stopped = 21610;
}
