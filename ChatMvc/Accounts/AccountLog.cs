namespace ChatMvc.Accounts;

internal static partial class AccountLog
{
    [LoggerMessage(201, LogLevel.Warning, "Session {Session} could not be noted as seen")]
    public static partial void NotNotedAsSeen(ILogger logger, Exception exception, long session);

    [LoggerMessage(203, LogLevel.Warning, "The sessions that ended could not be read; the next look is in two seconds")]
    public static partial void NotLookedForEndedSessions(ILogger logger, Exception exception);

    [LoggerMessage(202, LogLevel.Information, "SignUp:Mode lets nobody in and Operators names nobody: only numbers that have an account, were made an operator's by command, or have an invitation where the mode is invited, can sign in")]
    public static partial void NobodyMaySignUp(ILogger logger);
}
