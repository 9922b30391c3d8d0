namespace ChatMvc.Jobs;

internal sealed record RecurringJob(JobKind Kind, TimeSpan Every);

/// <summary>
/// Work of the process and not of the store: it begins with each start and needs no row to be remembered by, so it also runs
/// while jobs.db is in trouble, which is when the sweep is needed, and an idle server writes nothing.
/// </summary>
internal sealed class RecurringJobs(IEnumerable<RecurringJob> jobs, IServiceScopeFactory scopes, TimeProvider time, ILogger<RecurringJobs> logger)
    : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(jobs.Select(job => Task.Run(() => RepeatAsync(job), CancellationToken.None)));
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAny(_running, Task.Delay(StopLimit, cancellationToken));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private async Task RepeatAsync(RecurringJob job)
    {
        using var timer = new PeriodicTimer(job.Every, time);
        try
        {
            do
                await RunAsync(job.Kind);
            while (await timer.WaitForNextTickAsync(_stopping.Token));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The server stops: the next start begins anew.
        }
    }

    private async Task RunAsync(JobKind kind)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await kind.Run(scope.ServiceProvider, kind.Name, _stopping.Token);
        }
#pragma warning disable CA1031 // One bad round must not end the rounds.
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            JobLog.RecurringFailed(logger, exception, kind.Name);
        }
    }
}
