namespace ChatMvc.Sms;

internal static partial class SmsLog
{
    [LoggerMessage(101, LogLevel.Warning, "Message {Sms} was not sent: {State}, carrier's code {ErrorCode}")]
    public static partial void NotSent(ILogger logger, long sms, SmsState state, int? errorCode);

    [LoggerMessage(102, LogLevel.Warning, "Message {Sms} did not arrive, carrier's code {ErrorCode}")]
    public static partial void NotDelivered(ILogger logger, long sms, int? errorCode);

    [LoggerMessage(103, LogLevel.Information, "Message {Sms} could not be handed over, carrier's code {ErrorCode}; attempt {Attempt} is not the last")]
    public static partial void TriedAgainLater(ILogger logger, long sms, int? errorCode, int attempt);
}
