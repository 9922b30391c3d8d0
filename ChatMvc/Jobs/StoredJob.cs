using ChatMvc.Shared;
using Quartz;
using Quartz.Extensibility;

namespace ChatMvc.Jobs;

/// <summary>The one job type that Quartz knows. Its full name lives in jobs.db: rename it and what is stored is dropped.</summary>
internal sealed class StoredJob(JobKinds kinds, JobOrigins origins, IServiceScopeFactory scopes, ILogger<StoredJob> logger) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var name = JobName.Parse(context.JobDetail.Key);
        Reference.Current = origins.Of(name);
        using var lines = JobLog.LinesOf(logger, Reference.Current, name);
        if (kinds.Find(name.Kind) is { } kind)
            await RunAsync(kind, name.Id, cancellationToken);
        else
            JobLog.UnknownKind(logger, name.Kind, name.Id);
    }

    private async Task RunAsync(JobKind kind, string id, CancellationToken stopping)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await kind.Run(scope.ServiceProvider, id, stopping);
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
        }
    }
}

/// <summary>Hands out the one instance: scopes and handlers are StoredJob's own business.</summary>
internal sealed class StoredJobFactory(StoredJob job) : IJobFactory
{
    public ValueTask<JobScope> CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken = default) =>
        new(new JobScope(job));

    public ValueTask ReturnJob(JobScope scope, CancellationToken cancellationToken = default) => default;
}
