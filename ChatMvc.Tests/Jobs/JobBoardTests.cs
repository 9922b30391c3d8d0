using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using ChatMvc.Jobs;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChatMvc.Tests.Jobs;

/// <summary>What operators see of the jobs, and what they do with them, below any page.</summary>
public sealed partial class JobBoardTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    private string JobsDb => _directory["jobs.db"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_failed_run_is_remembered_by_the_names_of_its_exceptions_and_by_its_lines_without_anybody_s_text()
    {
        await using var host = await JobHost.StartAsync(JobsDb, services => services.AddJobHandler<Talker>());
        await host.Queue.EnqueueAsync<Talker>("17");

        var run = await OnlyRunAsync(host, JobStanding.Failed);

        Assert.Equal(("talk", "17", 1), (run.Kind, run.Id, run.Runs));
        Assert.Equal("InvalidOperationException because of IOException", run.Error);
        var lines = Assert.Single((await host.Board.FindAsync("talk", "17", null, 10, default)).Lines).Log!;
        Assert.Contains("Said … to 17, 3 times", lines, StringComparison.Ordinal);
        Assert.Contains("The job talk 17 failed (InvalidOperationException because of IOException)", lines, StringComparison.Ordinal);
        await host.StopAsync();
        Assert.DoesNotContain(Talker.Text, await File.ReadAllTextAsync(JobsDb, System.Text.Encoding.Latin1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_run_thirty_lines_are_kept_the_last_ones()
    {
        await using var host = await JobHost.StartAsync(JobsDb, services => services.AddJobHandler<Chatterer>());
        await host.Queue.EnqueueAsync<Chatterer>("1");
        await OnlyRunAsync(host, JobStanding.Succeeded);

        var log = Assert.Single((await host.Board.FindAsync("chatter", "1", null, 10, default)).Lines).Log!;

        Assert.InRange(log.Length, 1, 2_200);
        Assert.Contains("Line 999", log, StringComparison.Ordinal);
        Assert.DoesNotContain("Line 900", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_run_ends_and_does_not_come_back_with_the_next_start()
    {
        await using (var host = await JobHost.StartAsync(JobsDb))
        {
            await host.Queue.EnqueueAsync<Endless>("1");
            await host.Journal.Has("began 1");
            var running = Assert.Single((await host.Board.ListAsync(JobStanding.Running, null, null, 10, default)).Lines);
            Assert.Equal(("endless", "1", 1), (running.Kind, running.Id, running.Runs));

            Assert.True(await host.Board.CancelAsync("endless", running.Name, default));

            await host.Journal.Has("cancelled 1");
            await OnlyRunAsync(host, JobStanding.Cancelled);
            Assert.Empty(await host.Queue.PendingIdsAsync<Endless>());
            Assert.False(await host.Board.CancelAsync("endless", running.Name, default));
        }

        await using var second = await JobHost.StartAsync(JobsDb);
        await second.Queue.EnqueueAsync<Recorder>("2");
        await second.Journal.Has("ran 2");
        Assert.True(second.Journal.IsSilentAbout("began 1"));
    }

    [Fact]
    public async Task A_paused_kind_waits_over_a_restart_too_while_others_run_and_runs_when_it_is_resumed()
    {
        await using (var host = await JobHost.StartAsync(JobsDb))
        {
            Assert.True(await host.Board.PauseAsync("record", "person 1", default));
            await host.Queue.EnqueueAsync<Recorder>("waits");
            await host.Queue.EnqueueAsync<Thrower>("other");
            await host.Journal.Has("threw other");
            Assert.True(host.Journal.IsSilentAbout("ran waits"));
        }

        await using var second = await JobHost.StartAsync(JobsDb);
        await second.Queue.EnqueueAsync<Thrower>("again");
        await second.Journal.Has("threw again");
        Assert.True(second.Journal.IsSilentAbout("ran waits"));
        var kind = (await second.Board.OverviewAsync(default)).Kinds.Single(k => k.Name == "record");
        Assert.Equal((1, "person 1"), (kind.Figures.Waiting, kind.Pause!.By));
        Assert.NotNull((await second.Queue.FiguresAsync()).OldestWaiting);

        Assert.True(await second.Board.ResumeAsync("record", default));
        await second.Journal.Has("ran waits");
        Assert.False(await second.Board.ResumeAsync("record", default));
        Assert.False(await second.Board.PauseAsync("nothing", "person 1", default));
    }

    [Fact]
    public async Task What_waits_for_its_time_can_be_deleted_and_what_runs_cannot()
    {
        await using var host = await JobHost.StartAsync(JobsDb);
        await host.Queue.EnqueueAsync<Endless>("runs");
        await host.Journal.Has("began runs");
        await host.Queue.EnqueueAsync<Endless>("later", DateTimeOffset.UtcNow.AddHours(1));
        Assert.Equal((1, 0, 1, 0), Of(await host.Queue.FiguresAsync()));
        var later = Assert.Single((await host.Board.ListAsync(JobStanding.Scheduled, "endless", null, 10, default)).Lines);
        var running = Assert.Single((await host.Board.ListAsync(JobStanding.Running, null, null, 10, default)).Lines);

        Assert.True(await host.Board.DeleteAsync("endless", later.Name, default));
        Assert.False(await host.Board.DeleteAsync("endless", later.Name, default));
        Assert.False(await host.Board.DeleteAsync("endless", running.Name, default));

        Assert.Equal(["runs"], await host.Queue.PendingIdsAsync<Endless>());
    }

    [Fact]
    public async Task A_dead_job_is_retried_by_a_new_ring_and_makes_room()
    {
        await using var host = await JobHost.StartAsync(JobsDb);
        await host.Queue.EnqueueAsync<Recorder>("1", DateTimeOffset.UtcNow.AddHours(1));
        await ChangeFileAsync("UPDATE QRTZ_TRIGGERS SET TRIGGER_STATE = 'ERROR'");
        Assert.Equal((0, 0, 0, 1), Of(await host.Queue.FiguresAsync()));
        var dead = Assert.Single((await host.Board.ListAsync(JobStanding.Dead, null, null, 10, default)).Lines);

        Assert.True(await host.Board.RetryAsync("record", dead.Name, default));

        await host.Journal.Has("ran 1");
        await Until(async () => Of(await host.Queue.FiguresAsync()) == (0, 0, 0, 0));
        Assert.False(await host.Board.RetryAsync("nothing", "1:0123456789ABCDEF", default));
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_page_by_page_and_each_once()
    {
        await using var host = await JobHost.StartAsync(JobsDb);
        await FillAsync(JobsDb, 300);

        var seen = new List<string>();
        for (JobMark? behind = null; ;)
        {
            var page = await host.Board.ListAsync(null, null, behind, 70, default);
            seen.AddRange(page.Lines.Select(line => line.Id));
            if (page.Next is not { } next) break;
            behind = JobMark.TryParse(next.ToString());
        }

        Assert.Equal(Enumerable.Range(0, 300).Select(i => i.ToString(CultureInfo.InvariantCulture)), seen);
        Assert.All((await host.Board.ListAsync(JobStanding.Failed, "record", null, 500, default)).Lines, line => Assert.Equal(("record", JobStanding.Failed), (line.Kind, line.Standing)));
        Assert.Equal(TimeSpan.FromMilliseconds(299), (await host.Board.FindAsync("answer", "299", null, 10, default)).Lines.Single().Took);
        var overview = await host.Board.OverviewAsync(default);
        Assert.Equal(overview.Kinds.Sum(k => k.Ended.Failed), overview.Hours.Sum(h => h.Failed));
        Assert.Equal(300, overview.Hours.Sum(h => h.All));
    }

    [Fact]
    public async Task However_many_runs_are_remembered_a_page_of_them_is_read_by_an_index()
    {
        await using var host = await JobHost.StartAsync(JobsDb);
        await FillAsync(JobsDb, 2_000);
        var sqlOf = typeof(JobBoard).Assembly.GetType("ChatMvc.Jobs.JobTables")!.GetMethod("ListSql", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!;

        foreach (var standing in (JobStanding?[])[null, JobStanding.Failed, JobStanding.Cancelled])
            foreach (var isOfKind in (bool[])[false, true])
                foreach (var isBehind in (bool[])[false, true])
                {
                    var plan = await PlanAsync((string)sqlOf.Invoke(null, [standing, isOfKind, isBehind])!);
                    Assert.DoesNotContain("SCAN", plan, StringComparison.Ordinal);
                    Assert.DoesNotContain("TEMP B-TREE FOR ORDER BY", plan, StringComparison.Ordinal);
                    var search = plan.Split('\n').Single(step => step.StartsWith("SEARCH j ", StringComparison.Ordinal));
                    Assert.Equal((isOfKind, standing is not null, isBehind), (search.Contains("JOB_GROUP=?", StringComparison.Ordinal), search.Contains("RESULT=?", StringComparison.Ordinal), search.Contains("FIRED_TIME<?", StringComparison.Ordinal)));
                }
    }

    /// <summary>So many past runs, the newest first by id, a second apart; every tenth failed.</summary>
    internal static Task FillAsync(string file, int count, int secondsApart = 1) => ChangeAsync(file, string.Create(CultureInfo.InvariantCulture, $"""
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1})
        INSERT INTO QRTZ_EXECUTION_HISTORY (SCHED_NAME, ENTRY_ID, INSTANCE_NAME, JOB_NAME, JOB_GROUP, TRIGGER_NAME, TRIGGER_GROUP, FIRED_TIME, RUN_TIME, SUCCEEDED, RESULT, SUMMARY)
        SELECT 'jobs', 'entry' || i, 'NON_CLUSTERED', i || ':0123456789ABCDEF', CASE i % 3 WHEN 0 THEN 'record' WHEN 1 THEN 'throw' ELSE 'answer' END, i || ':0123456789ABCDEF', 'record',
            {DateTime.UtcNow.Ticks} - i * {secondsApart * TimeSpan.TicksPerSecond}, i % 900 * {TimeSpan.TicksPerMillisecond}, i % 10 <> 0, i % 10 = 0, CASE WHEN i % 10 = 0 THEN 'HttpRequestException' END FROM n
        """));

    private static (int, int, int, int) Of(JobFigures figures) => (figures.Running, figures.Waiting, figures.Scheduled, figures.Dead);

    private static async Task<JobLine> OnlyRunAsync(JobHost host, JobStanding standing)
    {
        await Until(async () => (await host.Board.ListAsync(standing, null, null, 2, default)).Lines.Count > 0);
        return Assert.Single((await host.Board.ListAsync(null, null, null, 10, default)).Lines);
    }

    private Task ChangeFileAsync(string sql) => ChangeAsync(JobsDb, sql);

    private static async Task ChangeAsync(string file, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are made in the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string> PlanAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={JobsDb};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are constants of the app.
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
#pragma warning restore CA2100
        foreach (var name in (string[])["$kind", "$result", "$now", "$ticks", "$mark", "$take"]) command.Parameters.AddWithValue(name, 1);
        await using var reader = await command.ExecuteReaderAsync();
        var steps = new List<string>();
        while (await reader.ReadAsync()) steps.Add(reader.GetString(3));
        return string.Join('\n', steps);
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var patience = Stopwatch.StartNew(); !await holds(); await Task.Delay(20))
            Assert.InRange(patience.ElapsedMilliseconds, 0, 10_000);
    }

    private sealed partial class Talker(ILogger<Talker> logger) : IJobHandler
    {
        public const string Text = "s0mebody's words";

        public static string Kind => "talk";

        public Task RunAsync(string id, CancellationToken stopping)
        {
            LogSaid(logger, Text, id, 3);
            throw new InvalidOperationException(Text, new IOException(Text));
        }

        [LoggerMessage(Level = LogLevel.Information, Message = "Said {Words} to {Id}, {Count} times")]
        private static partial void LogSaid(ILogger logger, string words, string id, int count);
    }

    private sealed partial class Chatterer(ILogger<Chatterer> logger) : IJobHandler
    {
        public static string Kind => "chatter";

        public Task RunAsync(string id, CancellationToken stopping)
        {
            for (var line = 0; line < 1_000; line++) LogLine(logger, line);
            return Task.CompletedTask;
        }

        [LoggerMessage(Level = LogLevel.Information, Message = "Line {Number}")]
        private static partial void LogLine(ILogger logger, int number);
    }
}
