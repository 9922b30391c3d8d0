using Quartz;
using Quartz.Extensibility;

namespace ChatMvc.Jobs;

/// <summary>The one job type that Quartz knows. Its full name lives in jobs.db: rename it and what is stored is dropped.</summary>
internal sealed class StoredJob(JobKinds kinds, IServiceScopeFactory scopes, ILogger<StoredJob> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var name = JobName.Parse(context.JobDetail.Key);
        if (kinds.Find(name.Kind) is { } kind)
        {
            context.Result = await RunAsync(kind, name.Id, cancellationToken);
            return;
        }
        JobLog.UnknownKind(logger, name.Kind, name.Id);
        context.Result = JobRunReport.Skipped("no handler of that kind is registered");
    }

    // A failure is reported and not thrown: Quartz would keep what the exception says, which may be somebody's text.
    private async Task<JobRunReport> RunAsync(JobKind kind, string id, CancellationToken stopping)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await kind.Run(scope.ServiceProvider, id, stopping);
            return JobRunReport.Succeeded();
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // Quartz stores the job again only for this type, and libraries wrap it in others of their own.
            throw new OperationCanceledException(stopping);
        }
#pragma warning disable CA1031 // The edge of a job: whatever a handler throws ends that one job.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            JobLog.Failed(logger, exception, kind.Name, id);
            return JobRunReport.Failed(RunLog.NamesOf(exception));
        }
    }
}

/// <summary>Hands out the one instance: scopes and handlers are StoredJob's own business.</summary>
/// <param name="job">The one instance.</param>
/// <param name="loggers">Quartz's own, which keep what is logged through them within a run beside its history.</param>
internal sealed class StoredJobFactory(StoredJob job, ILoggerFactory loggers) : IJobFactory
{
    /// <summary>What is logged under this name is for the history alone.</summary>
    public const string HistoryOnly = "run";

    private readonly HeardJob _heard = new(job, loggers.CreateLogger(HistoryOnly));

    public ValueTask<JobScope> CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken = default) =>
        new(new JobScope(_heard));

    public ValueTask ReturnJob(JobScope scope, CancellationToken cancellationToken = default) => default;

    private sealed class HeardJob(StoredJob job, ILogger history) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
        {
            RunLog.HandTo(history);
            await job.Execute(context, cancellationToken);
        }
    }
}
