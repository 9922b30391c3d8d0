using ChatMvc.Sms;

namespace ChatMvc.Operators.Inbox;

/// <summary>Why a text message failed, in words for operators.</summary>
internal static class SmsFault
{
    /// <summary>Without the code, which stands beside it.</summary>
    public static string InWords(SmsMessage sms) => sms switch
    {
        { State: SmsState.Unknown } => "Whether it left is not known: the carrier’s answer never came.",
        { ErrorCode: null, State: SmsState.Failed } => "It waited too long and was given up.",
        { ErrorCode: null } => "The carrier gave no reason.",
        { ErrorCode: { } code } => Of(code),
    };

    private static string Of(int code) => code switch
    {
        TwilioCode.NotSignedIn => "Twilio does not know the account: check its SID and token.",
        TwilioCode.InvalidTo or TwilioCode.NoTo => "The number cannot be sent to.",
        TwilioCode.NotMobile or TwilioCode.Landline => "The number is a landline, or out of reach.",
        TwilioCode.UnknownNumber => "The carrier does not know the number.",
        TwilioCode.InvalidFrom or TwilioCode.NoFrom or TwilioCode.SenderCannotSend => "The sender is not one that can send: check the number or the service.",
        TwilioCode.NoPermission => "Twilio may not send to this country: allow it in its console.",
        TwilioCode.NoRoute => "Twilio has no way to this number.",
        TwilioCode.NoBody or TwilioCode.TooLong => "The text was refused.",
        TwilioCode.Trial => "A trial account sends to verified numbers alone.",
        TwilioCode.InvalidCallback => "The address for reports is not one that Twilio can reach: check PublicUrl.",
        TwilioCode.Stopped => "Its owner answered STOP.",
        TwilioCode.TooManyRequests or TwilioCode.QueueFull or TwilioCode.QueueOverflow => "Too many messages at once.",
        TwilioCode.Unreachable => "The phone could not be reached.",
        TwilioCode.Blocked => "The carrier or the phone blocks our number.",
        TwilioCode.Filtered or TwilioCode.CodeFiltered => "The carrier took it for spam.",
        TwilioCode.NotDelivered => "The carrier refused it and does not say why.",
        TwilioCode.NotRegistered => "The number is not registered with the American carriers (A2P 10DLC).",
        TwilioCode.PumpingProtection => "Twilio stops messages to such numbers: they look like pumping.",
        _ => "The carrier’s list of codes says what it means.",
    };
}
