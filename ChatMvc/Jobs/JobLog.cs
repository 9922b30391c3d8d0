namespace ChatMvc.Jobs;

internal static partial class JobLog
{
    private static readonly Func<ILogger, string, string, string, IDisposable?> Scope = LoggerMessage.DefineScope<string, string, string>("{RequestId}: {Job} {JobId}");

    /// <summary>Whatever is logged until it is disposed carries the job and the request that it was rung for.</summary>
    public static IDisposable? LinesOf(ILogger logger, string requestId, JobName name) => Scope(logger, requestId, name.Kind, name.Id);

    [LoggerMessage(1, LogLevel.Error, "The job {Kind} {Id} failed")]
    public static partial void Failed(ILogger logger, Exception exception, string kind, string id);

    [LoggerMessage(2, LogLevel.Warning, "Dropped the stored job {Kind} {Id}: no handler of that kind is registered")]
    public static partial void UnknownKind(ILogger logger, string kind, string id);

    [LoggerMessage(3, LogLevel.Error, "The recurring job {Kind} failed; it runs again at its next time")]
    public static partial void RecurringFailed(ILogger logger, Exception exception, string kind);

    [LoggerMessage(4, LogLevel.Warning, "{File} could not be used and was set aside as {Aside}: {Reason}. Jobs stored in it are found again by the sweep")]
    public static partial void SetAside(ILogger logger, string file, string aside, string reason);

    [LoggerMessage(5, LogLevel.Warning, "{File} did not close within {Limit}; the stop goes on without it, and the next start looks after it")]
    public static partial void Abandoned(ILogger logger, string file, TimeSpan limit);
}
