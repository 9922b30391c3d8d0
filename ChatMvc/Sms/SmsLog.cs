namespace ChatMvc.Sms;

internal static partial class SmsLog
{
    [LoggerMessage(101, LogLevel.Warning, "Message {Sms} was not sent: {State}, carrier's code {ErrorCode}")]
    public static partial void NotSent(ILogger logger, long sms, SmsState state, int? errorCode);
}
