using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Quartz;

namespace ChatMvc.Jobs;

/// <summary>
/// Quartz.NET on jobs.db for the life of the host. The store opens beside the others that start, who can ring already; jobs
/// run once everything has started, and are told to stop before anything else stops.
/// </summary>
internal sealed class JobEngine(JobSettings settings, JobKinds kinds, JobFile file, StoredJob job, TimeProvider time, ILoggerFactory loggers)
    : IHostedLifecycleService, IAsyncDisposable
{
    private const string SchedulerName = "jobs"; // stored in every row
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan JobsStopLimit = TimeSpan.FromSeconds(2); // a tenth of one on a machine that is not overloaded
    private static readonly TimeSpan StoreCloseLimit = TimeSpan.FromSeconds(3); // longer than the jobs have

    // What is remembered of runs that ended: whichever bound is reached first. A row takes about 600 bytes with its indexes, and what was logged.
    private static readonly TimeSpan HistoryLasts = TimeSpan.FromDays(14);
    private const int MaxHistory = 100_000; // runs
    private const int MaxLogLines = 30; // of a run, the last ones
    private const int MaxLogBytes = 2_048;

    // Written together once a second: the file has one writer, and jobs that begin do not wait for those that ended.
    private static readonly TimeSpan HistoryDelay = TimeSpan.FromSeconds(1);

    // Quartz has none by kind and none by result. The one by time is its own.
    private const string HistoryIndexes =
        """
        CREATE INDEX IF NOT EXISTS RUNS_BY_KIND ON QRTZ_EXECUTION_HISTORY (SCHED_NAME, JOB_GROUP, FIRED_TIME);
        CREATE INDEX IF NOT EXISTS RUNS_BY_RESULT ON QRTZ_EXECUTION_HISTORY (SCHED_NAME, RESULT, FIRED_TIME, JOB_GROUP);
        CREATE INDEX IF NOT EXISTS RUNS_BY_KIND_AND_RESULT ON QRTZ_EXECUTION_HISTORY (SCHED_NAME, JOB_GROUP, RESULT, FIRED_TIME);
        """;

    // A late job is simply due. Quartz would leave one beyond this threshold to a pass that it makes once a minute.
    private static readonly TimeSpan NeverMisfired = TimeSpan.FromDays(3650);

    private readonly TaskCompletionSource<IScheduler> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StandaloneSchedulerFactory? _quartz;
    private bool _abandoned;

    /// <summary>Uses the store, waiting up to ten seconds for the host to open it.</summary>
    public async Task<TResult> UseAsync<TResult>(Func<IScheduler, ValueTask<TResult>> use, CancellationToken ct)
    {
        try
        {
            return await use(await _opened.Task.WaitAsync(OpenLimit, ct));
        }
        catch (Exception exception) when (exception is SchedulerException or TimeoutException)
        {
            throw new JobsUnavailableException("The job store could not be used.", exception);
        }
    }

    /// <summary>Reads the file beside the store, waiting for it as above.</summary>
    public async Task ReadAsync(Func<SqliteConnection, Task> read, CancellationToken ct)
    {
        try
        {
            await _opened.Task.WaitAsync(OpenLimit, ct);
            await using var connection = new SqliteConnection(ConnectionString);
            await connection.OpenAsync(ct);
            await read(connection);
        }
        catch (Exception exception) when (exception is SqliteException or TimeoutException)
        {
            throw new JobsUnavailableException("The job store could not be read.", exception);
        }
    }

    public bool IsOpen => _opened.Task.IsCompletedSuccessfully;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // To open the store takes as long as all the rest of a start; meanwhile the first pages are served.
        await Task.Yield();
        if (file.Prepare() is { } damage)
            MakeAnew(damage);
        try
        {
            _opened.SetResult(await OpenAsync(cancellationToken));
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            await CloseAsync();
            MakeAnew(exception.GetBaseException().Message);
            _opened.SetResult(await OpenAsync(cancellationToken));
        }
    }

    public async Task StartedAsync(CancellationToken cancellationToken) => await _opened.Task.Result.Start(cancellationToken);

    // The first thing of all when the host stops: what runs is told so, and what did not end by itself is stored again.
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (!IsOpen)
            return;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(JobsStopLimit);
        await EndAsync(_opened.Task.Result.Shutdown(waitForJobsToComplete: true, limit.Token));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync() => await CloseAsync();

    private string ConnectionString => new SqliteConnectionStringBuilder { DataSource = file.Path }.ToString();

    // Quartz reports tables of another shape with an exception of its own and nothing in it.
    private static bool IsDamage(Exception exception) =>
        exception.GetBaseException() is SqliteException sqlite
            ? exception is SqliteException or SchedulerException and not SchedulerConfigException && JobFile.IsDamage(sqlite)
            : exception is SchedulerException and not SchedulerConfigException;

    private void MakeAnew(string damage)
    {
        file.SetAside(damage);
        if (file.Prepare() is { } stillDamaged)
            throw new InvalidOperationException($"{file.Path} cannot be used: {stillDamaged}");
    }

    private async Task<IScheduler> OpenAsync(CancellationToken ct)
    {
        _quartz = QuartzSchedulerBuilder.Create(Configure).Build();
        var scheduler = await _quartz.GetScheduler(ct);
        await using var connection = new SqliteConnection(ConnectionString);
        await connection.OpenAsync(ct);
        await using var command = connection.CreateCommand();
        command.CommandText = HistoryIndexes;
        await command.ExecuteNonQueryAsync(ct);
        return scheduler;
    }

    // With its last connection SQLite writes the -wal file back into the database and removes it; and a connection that
    // stayed in the pool would go on with a file that was set aside.
    private async Task CloseAsync()
    {
        if (_quartz is not null && !_abandoned)
            await EndAsync(_quartz.DisposeAsync());
        using var connection = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(connection);
    }

    // On a file that broke while it was open Quartz repeats its last write for ever, whatever token it is given.
    private async Task EndAsync(ValueTask ending)
    {
        var task = ending.AsTask();
        if (await Task.WhenAny(task, Task.Delay(StoreCloseLimit)) == task)
        {
            await task;
            return;
        }
        _abandoned = true;
        JobLog.Abandoned(loggers.CreateLogger<JobEngine>(), file.Path, StoreCloseLimit);
    }

    private void Configure(IQuartzBuilder quartz)
    {
        quartz.Services.AddLogging(logging => logging.AddProvider(new HostLog(loggers)).SetMinimumLevel(LogLevel.Warning)
            .AddFilter(StoredJobFactory.HistoryOnly, LogLevel.Information));
        quartz.Services.AddSingleton(job);
        quartz.UseTimeProvider(time);
        quartz.UseJobFactory<StoredJobFactory>();
        quartz.UseDefaultThreadPool(settings.MaxConcurrency);
        quartz.UseExecutionLimits(LimitKinds);
        quartz.ConfigureScheduler(scheduler =>
        {
            scheduler.InstanceName = SchedulerName;
            scheduler.PropagateTraceContext = false; // it would be written into each trigger's data
            scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
        });
        quartz.UseExecutionLogCapture(log => (log.MaxLines, log.MaxBytes) = (MaxLogLines, MaxLogBytes));
        quartz.ConfigureOptions<ExecutionHistoryOptions>(history =>
        {
            history.Retention = HistoryLasts;
            history.MaxEntriesPerScheduler = MaxHistory;
            history.WriteBehindInterval = HistoryDelay;
        });
        quartz.UsePersistentStore(store =>
        {
            store.UseExecutionHistory();
            store.UseSqlite(new JobConnections(), ConnectionString);
            store.UseSystemTextJsonSerializer();
            store.ProvisionSchema();
            store.ConfigureStore(options =>
            {
                options.StoreJobDataAsStrings = true;
                options.MisfireThreshold = NeverMisfired;
                options.MisfireHandlerFrequency = TimeSpan.FromDays(1);
                options.RecoverFiringsCancelledByShutdown = true; // interruption alone would drop the work
            });
        });
    }

    // A trigger's group is its kind.
    private void LimitKinds(ExecutionLimitsBuilder limits)
    {
        limits.UseTriggerGroupWhenUnset();
        foreach (var kind in kinds.All)
            if (kind.MaxConcurrency is { } max)
                limits.ForGroup(kind.Name, max);
    }

    // Quartz has a container of its own here, and takes the host's logging only as a provider.
    private sealed class HostLog(ILoggerFactory loggers) : ILoggerProvider
    {
        // What a run logged came from the host.
        public ILogger CreateLogger(string categoryName) => categoryName == StoredJobFactory.HistoryOnly ? NullLogger.Instance : loggers.CreateLogger(categoryName);

        public void Dispose()
        {
            // The factory is the host's.
        }
    }
}
