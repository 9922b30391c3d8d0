using Quartz;

namespace ChatMvc.Jobs;

/// <summary>Rings the bell for background work. What is to be done stands in the application's own rows.</summary>
public sealed class JobQueue
{
    /// <summary>Beyond this many stored jobs of one kind something else is wrong, and a sweep must not add to it.</summary>
    internal const int MaxPending = 100_000;

    private readonly JobEngine _engine;
    private readonly JobKinds _kinds;

    private readonly JobTables _tables;

    internal JobQueue(JobEngine engine, JobKinds kinds, JobTables tables) => (_engine, _kinds, _tables) = (engine, kinds, tables);

    /// <summary>Whether the store has been opened; until then a ring waits for it.</summary>
    public bool IsOpen => _engine.IsOpen;

    /// <summary>
    /// Stores a job of kind <typeparamref name="T"/> about <paramref name="id"/> (1 to 100 characters, never a text or a
    /// secret). Once this returns the job survives the process. Ringing twice for one id stores two jobs.
    /// </summary>
    /// <exception cref="JobsUnavailableException">Nothing was stored: the server is stopping, or the file cannot be written.</exception>
    public async Task EnqueueAsync<T>(string id, DateTimeOffset? notBefore = null, CancellationToken ct = default)
        where T : class, IJobHandler
    {
        if (_kinds.Find(T.Kind) is null)
            throw new InvalidOperationException($"No handler is registered for the job kind \"{T.Kind}\".");
        await EnqueueAsync(T.Kind, id, notBefore, ct);
    }

    internal async Task EnqueueAsync(string kind, string id, DateTimeOffset? notBefore, CancellationToken ct)
    {
        var name = JobName.New(kind, id);
        await _engine.UseAsync(scheduler => scheduler.ScheduleJob(JobOf(name), TriggerOf(name, notBefore), cancellationToken: ct), ct);
    }

    /// <summary>The ids of this kind that are stored and not finished: waiting, scheduled for later or running now.</summary>
    /// <exception cref="JobsUnavailableException">The server is stopping, the file cannot be read, or more than 100,000 are stored.</exception>
    public async Task<IReadOnlySet<string>> PendingIdsAsync<T>(CancellationToken ct = default) where T : class, IJobHandler
    {
        var query = new JobQuery { Group = GroupMatcher<JobKey>.GroupEquals(T.Kind), Take = MaxPending };
        var stored = await _engine.UseAsync(scheduler => scheduler.QueryJobs(query, ct), ct);
        return stored.HasMore
            ? throw new JobsUnavailableException($"More than {MaxPending} jobs of the kind \"{T.Kind}\" are stored.")
            : stored.Items.Select(job => JobName.Parse(job.Key).Id).ToHashSet();
    }

    /// <summary>How the stored jobs stand, of all kinds together.</summary>
    /// <exception cref="JobsUnavailableException">The server is stopping, or the file cannot be read.</exception>
    public async Task<JobFigures> FiguresAsync(CancellationToken ct = default) => JobFigures.Sum((await FiguresByKindAsync(ct)).Values);

    /// <summary>The same of each kind by its name; a kind of which nothing is stored is missing.</summary>
    /// <exception cref="JobsUnavailableException">The server is stopping, or the file cannot be read.</exception>
    public Task<IReadOnlyDictionary<string, JobFigures>> FiguresByKindAsync(CancellationToken ct = default) => _tables.FiguresAsync(ct);

    private static IJobDetail JobOf(JobName name) =>
        JobBuilder.Create<StoredJob>().WithIdentity(name.ToJobKey()).RequestRecovery().Build();

    private static ITrigger TriggerOf(JobName name, DateTimeOffset? notBefore) =>
        (notBefore is { } time ? TriggerBuilder.Create().StartAt(time) : TriggerBuilder.Create().StartNow())
            .WithIdentity(name.ToTriggerKey())
            .Build();
}
