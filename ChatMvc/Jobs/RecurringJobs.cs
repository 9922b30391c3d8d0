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

    private readonly IReadOnlyList<Rounds> _all = [.. jobs.OrderBy(job => job.Kind.Name, StringComparer.Ordinal).Select(job => new Rounds(job))];
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>By name.</summary>
    public IReadOnlyList<Rounds> All => _all;

    public Rounds? Find(string kind) => _all.FirstOrDefault(rounds => rounds.Job.Kind.Name == kind);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(_all.Select(rounds => Task.Run(() => RepeatAsync(rounds), CancellationToken.None)));
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

    private async Task RepeatAsync(Rounds rounds)
    {
        using var timer = new PeriodicTimer(rounds.Job.Every, time);
        try
        {
            rounds.DueAt(time.GetUtcNow() + rounds.Job.Every);
            await RunAsync(rounds);
            var (tick, asked) = (NextTickAsync(timer), rounds.AskedAsync(_stopping.Token));
            while (true)
            {
                var first = await Task.WhenAny((Task)tick, asked);
                await first;
                if (first == asked)
                {
                    asked = rounds.AskedAsync(_stopping.Token);
                    await RunAsync(rounds);
                    continue;
                }
                rounds.DueAt(time.GetUtcNow() + rounds.Job.Every);
                tick = NextTickAsync(timer);
                if (!rounds.Standing.IsPaused) await RunAsync(rounds);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The server stops: the next start begins anew.
        }
    }

    private Task<bool> NextTickAsync(PeriodicTimer timer) => timer.WaitForNextTickAsync(_stopping.Token).AsTask();

    private async Task RunAsync(Rounds rounds)
    {
        var lines = new RunLines(time);
        RunLog.HandTo(lines);
        rounds.Began(time.GetUtcNow());
        string? error = null;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await rounds.Job.Kind.Run(scope.ServiceProvider, rounds.Job.Kind.Name, _stopping.Token);
        }
#pragma warning disable CA1031 // One bad round must not end the rounds.
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            error = RunLog.NamesOf(exception);
            JobLog.RecurringFailed(logger, exception, rounds.Job.Kind.Name);
        }
        rounds.Ended(time.GetUtcNow(), error, lines.All);
    }
}
