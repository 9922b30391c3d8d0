using Quartz;

namespace ChatMvc.Jobs;

/// <summary>Where operators see what the jobs do, and take a hand in it. Everything here may fail with <see cref="JobsUnavailableException"/>.</summary>
public sealed class JobBoard
{
    private const int MostOfOneId = 10; // jobs that are looked at; more than two are rare

    private readonly JobEngine _engine;
    private readonly JobQueue _queue;
    private readonly JobKinds _kinds;
    private readonly JobTables _tables;
    private readonly RecurringJobs _recurring;
    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _time;

    internal JobBoard(JobEngine engine, JobQueue queue, JobKinds kinds, JobTables tables, RecurringJobs recurring, IServiceScopeFactory scopes, TimeProvider time) =>
        (_engine, _queue, _kinds, _tables, _recurring, _scopes, _time) = (engine, queue, kinds, tables, recurring, scopes, time);

    /// <summary>By name.</summary>
    public IReadOnlyList<RecurringStanding> Recurring => [.. _recurring.All.Select(rounds => rounds.Standing)];

    public async Task<JobOverview> OverviewAsync(CancellationToken ct)
    {
        var figures = await _tables.FiguresAsync(ct);
        var (hours, ended) = await _tables.EndedAsync(ct);
        var pauses = await _tables.PausesAsync(ct);
        var names = _kinds.All.Select(kind => kind.Name).Concat(figures.Keys).Concat(ended.Keys).Concat(pauses.Keys).Distinct().Order(StringComparer.Ordinal);
        return new JobOverview(
            JobFigures.Sum(figures.Values),
            [.. names.Select(name => new JobKindOverview(name, figures.GetValueOrDefault(name, JobFigures.None), ended.GetValueOrDefault(name, JobTables.Nothing), pauses.GetValueOrDefault(name)))],
            hours,
            await ServersAsync(ct));
    }

    /// <summary>The jobs in one place of their life, or for null all runs that ended.</summary>
    /// <param name="standing">Which.</param>
    /// <param name="kind">Of one kind alone.</param>
    /// <param name="behind">Where the page before ended.</param>
    /// <param name="take">At most so many.</param>
    /// <param name="ct">Ends it.</param>
    public Task<JobLines> ListAsync(JobStanding? standing, string? kind, JobMark? behind, int take, CancellationToken ct) =>
        _tables.ListAsync(standing, kind, behind, take, ct);

    /// <summary>What is stored about one id, and its runs with what they logged, newest first.</summary>
    public Task<JobLines> FindAsync(string kind, string id, JobMark? behind, int take, CancellationToken ct) => _tables.FindAsync(kind, id, behind, take, ct);

    /// <summary>Rings again for the same kind and id; a dead one makes room. False where no handler of that kind is registered.</summary>
    public async Task<bool> RetryAsync(string kind, string name, CancellationToken ct)
    {
        if (_kinds.Find(kind) is null) return false;
        await _queue.EnqueueAsync(kind, JobName.IdOf(name), null, ct);
        await _engine.UseAsync(async scheduler => await IsDeadAsync(scheduler, kind, name, ct) && await scheduler.DeleteJob(new JobKey(name, kind), ct), ct);
        return true;
    }

    /// <summary>Gives the work up and cancels the token of its run, which may have ended by then. False where it does not run.</summary>
    public async Task<bool> CancelAsync(string kind, string name, CancellationToken ct)
    {
        if (!await _engine.UseAsync(scheduler => IsRunningAsync(scheduler, kind, name, ct), ct)) return false;
        await GiveUpAsync(kind, name, ct);
        await _engine.UseAsync(scheduler => scheduler.Interrupt(new JobKey(name, kind), ct), ct);
        return true;
    }

    /// <summary>Takes out what has not begun, and gives the work up unless another job of its id goes on with it. False where it runs, or is not there.</summary>
    public async Task<bool> DeleteAsync(string kind, string name, CancellationToken ct)
    {
        var isDeleted = await _engine.UseAsync(async scheduler =>
            !await IsRunningAsync(scheduler, kind, name, ct) && await scheduler.DeleteJob(new JobKey(name, kind), ct), ct);
        if (isDeleted && !await GoesOnAsync(kind, name, ct)) await GiveUpAsync(kind, name, ct);
        return isDeleted;
    }

    /// <summary>Jobs of this kind wait from now on, also over restarts; what runs goes on. False for a kind nobody knows.</summary>
    /// <param name="kind">Its name.</param>
    /// <param name="by">Whom the page names: an id, no name and no number of a person.</param>
    /// <param name="ct">Ends it before anything is stored.</param>
    public async Task<bool> PauseAsync(string kind, string by, CancellationToken ct)
    {
        if (_kinds.Find(kind) is null) return false;
        await _engine.UseAsync(scheduler => scheduler.PauseTriggerGroupsWith(GroupMatcher<TriggerKey>.GroupEquals(kind), new PauseDetails { RequestedBy = by }, ct), ct);
        return true;
    }

    /// <summary>What waited begins. False where it was not paused.</summary>
    public async Task<bool> ResumeAsync(string kind, CancellationToken ct)
    {
        if (!(await _tables.PausesAsync(ct)).ContainsKey(kind)) return false;
        await _engine.UseAsync(scheduler => scheduler.ResumeTriggerGroups(GroupMatcher<TriggerKey>.GroupEquals(kind), ct), ct);
        return true;
    }

    /// <summary>A round now, or right after the one that runs. False for a kind nobody knows.</summary>
    public bool RunNow(string kind) => Of(kind, rounds => rounds.RunNow());

    /// <summary>Leaves rounds out until they are let again or the server starts anew.</summary>
    public bool PauseRounds(string kind, bool isPaused) => Of(kind, rounds => rounds.Pause(isPaused));

    private async Task<bool> GoesOnAsync(string kind, string name, CancellationToken ct) =>
        (await _tables.FindAsync(kind, JobName.IdOf(name), null, MostOfOneId, ct)).Lines
            .Any(line => line.Standing is JobStanding.Running or JobStanding.Waiting or JobStanding.Scheduled);

    private async Task GiveUpAsync(string kind, string name, CancellationToken ct)
    {
        if (_kinds.Find(kind) is not { } known) return;
        await using var scope = _scopes.CreateAsyncScope();
        await known.GiveUp(scope.ServiceProvider, JobName.IdOf(name), ct);
    }

    private bool Of(string kind, Action<Rounds> wish)
    {
        if (_recurring.Find(kind) is not { } rounds) return false;
        wish(rounds);
        return true;
    }

    // A server that is alone checks in nowhere: that it answers is its sign of life.
    private Task<IReadOnlyList<JobServer>> ServersAsync(CancellationToken ct) => _engine.UseAsync<IReadOnlyList<JobServer>>(async scheduler =>
    {
        var here = await scheduler.GetMetadata(ct);
        var nodes = await scheduler.QueryClusterNodes(ct);
        return [.. nodes.Select(node => new JobServer(
            node.InstanceId, node.IsCurrentNode ? $"{here.Status}" : $"{node.State}", node.IsCurrentNode ? here.RunningSince : null,
            node.LastCheckInUtc ?? _time.GetUtcNow(), node.IsCurrentNode ? here.LocalExecutingJobs : 0, here.ThreadPoolSize, node.IsCurrentNode ? here.JobsExecuted : 0))];
    }, ct);

    private static async Task<bool> IsDeadAsync(IScheduler scheduler, string kind, string name, CancellationToken ct) =>
        (await scheduler.QueryTriggers(new TriggerQuery { Job = new JobKey(name, kind), State = TriggerState.Error, Take = 1 }, ct)).Items.Count > 0;

    private static async ValueTask<bool> IsRunningAsync(IScheduler scheduler, string kind, string name, CancellationToken ct) =>
        (await scheduler.QueryFireInstances(new FireInstanceQuery { Job = new JobKey(name, kind), Take = 1 }, ct)).Items.Count > 0;
}
