using System.Globalization;

namespace ChatMvc.Jobs;

/// <summary>Rings for work whose row is committed already. A bell that cannot be rung costs seconds: a sweep follows.</summary>
public sealed partial class Bell(JobQueue jobs, ILogger<Bell> logger)
{
    /// <summary>Rings for a row by its key, now or at a time. Never fails and is never cancelled: the commit has happened.</summary>
    public Task RingAsync<T>(long id, DateTimeOffset? notBefore = null) where T : class, IJobHandler =>
        RingAsync<T>(id.ToString(CultureInfo.InvariantCulture), notBefore);

    /// <inheritdoc cref="RingAsync{T}(long, DateTimeOffset?)"/>
    public async Task RingAsync<T>(string id, DateTimeOffset? notBefore = null) where T : class, IJobHandler
    {
        try
        {
            await jobs.EnqueueAsync<T>(id, notBefore, CancellationToken.None);
        }
        catch (JobsUnavailableException)
        {
            LogUnheard(logger, T.Kind, id);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The job {Kind} {Id} could not be stored; the sweep will find it")]
    private static partial void LogUnheard(ILogger logger, string kind, string id);
}
