using System.Diagnostics;
using System.Text;
using ChatMvc.Jobs;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChatMvc.Tests.Jobs;

public sealed class JobTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    private string JobsDb => _directory["jobs.db"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_job_runs_once_and_leaves_nothing_behind()
    {
        await using var host = await JobHost.StartAsync(JobsDb);

        await host.Queue.EnqueueAsync<Recorder>("1");

        await host.Journal.Has("ran 1");
        await NothingPending<Recorder>(host);
        Assert.True(host.Journal.IsSilentAbout("ran 1"));
        Assert.Empty(host.Log.At(LogLevel.Warning));
    }

    [Fact]
    public async Task A_job_waits_for_its_time()
    {
        await using var host = await JobHost.StartAsync(JobsDb);
        var clock = Stopwatch.StartNew();

        await host.Queue.EnqueueAsync<Recorder>("later", DateTimeOffset.UtcNow.AddMilliseconds(700));
        await host.Queue.EnqueueAsync<Recorder>("now");

        await host.Journal.Has("ran now");
        Assert.InRange(clock.ElapsedMilliseconds, 0, 600);
        await host.Journal.Has("ran later");
        Assert.InRange(clock.ElapsedMilliseconds, 690, 3000);
    }

    [Fact]
    public async Task A_time_long_gone_is_now()
    {
        await using var host = await JobHost.StartAsync(JobsDb);
        var clock = Stopwatch.StartNew();

        await host.Queue.EnqueueAsync<Recorder>("1", DateTimeOffset.UtcNow.AddDays(-2));

        await host.Journal.Has("ran 1");
        Assert.InRange(clock.ElapsedMilliseconds, 0, 2000);
    }

    [Fact]
    public async Task A_stored_job_outlives_the_process_and_is_not_late_by_a_minute()
    {
        await using (var first = await JobHost.StartAsync(JobsDb))
        {
            await first.Queue.EnqueueAsync<Recorder>("1", DateTimeOffset.UtcNow.AddSeconds(1));
            await first.StopAsync();
            Assert.True(first.Journal.IsSilentAbout("ran 1"));
        }
        await Task.Delay(TimeSpan.FromSeconds(1.2));

        await using var second = await JobHost.StartAsync(JobsDb);

        await second.Journal.Has("ran 1");
        await NothingPending<Recorder>(second);
    }

    [Fact]
    public async Task Stopping_cancels_what_runs_and_the_next_start_runs_it_again()
    {
        await using (var first = await JobHost.StartAsync(JobsDb))
        {
            for (var id = 0; id < 10; id++)
                await first.Queue.EnqueueAsync<Endless>($"{id}");
            for (var id = 0; id < 10; id++)
                await first.Journal.Has($"began {id}");
            var clock = Stopwatch.StartNew();

            await first.StopAsync();

            Assert.InRange(clock.ElapsedMilliseconds, 0, 1000);
            for (var id = 0; id < 10; id++)
                await first.Journal.Has($"cancelled {id}");
            Assert.Empty(first.Log.At(LogLevel.Error));
        }

        await using var second = await JobHost.StartAsync(JobsDb);

        for (var id = 0; id < 10; id++)
            await second.Journal.Has($"began {id}");
        Assert.Equal(10, (await second.Queue.PendingIdsAsync<Endless>()).Count);
    }

    [Fact]
    public async Task A_handler_that_will_not_stop_holds_nobody_up_and_is_run_again()
    {
        await using (var first = await JobHost.StartAsync(JobsDb))
        {
            await first.Queue.EnqueueAsync<Stubborn>("1");
            await first.Journal.Has("began 1");
            var clock = Stopwatch.StartNew();

            // It gets its time, and not the server's: all of it has to be down ten seconds after SIGTERM.
            await first.StopAsync().WaitAsync(TimeSpan.FromSeconds(10));

            Assert.True(clock.ElapsedMilliseconds >= 1900);
        }

        await using var second = await JobHost.StartAsync(JobsDb);

        await second.Journal.Has("began 1");
    }

    [Fact]
    public async Task Three_hundred_jobs_at_once_all_run()
    {
        await using var host = await JobHost.StartAsync(JobsDb, maxConcurrency: 50);

        await Task.WhenAll(Enumerable.Range(0, 300).Select(id => host.Queue.EnqueueAsync<Recorder>($"{id}")));

        for (var id = 0; id < 300; id++)
            await host.Journal.Has($"ran {id}");
        await NothingPending<Recorder>(host);
    }

    [Fact]
    public async Task A_kind_with_a_limit_leaves_room_for_the_others()
    {
        await using var host = await JobHost.StartAsync(JobsDb, services => services.AddJobHandler<Endless>(maxConcurrency: 3).AddJobHandler<Recorder>(), maxConcurrency: 5);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(id => host.Queue.EnqueueAsync<Endless>($"{id}")));
        await host.Queue.EnqueueAsync<Recorder>("1");

        await host.Journal.Has("ran 1");
        await Task.Delay(200);
        Assert.Equal(3, Enumerable.Range(0, 20).Count(id => !host.Journal.IsSilentAbout($"began {id}")));
    }

    [Fact]
    public async Task An_exception_is_logged_once_and_stops_nobody_else()
    {
        await using var host = await JobHost.StartAsync(JobsDb);

        await host.Queue.EnqueueAsync<Thrower>("bad");
        await host.Queue.EnqueueAsync<Recorder>("good");

        await host.Journal.Has("threw bad");
        await host.Journal.Has("ran good");
        await NothingPending<Thrower>(host);
        Assert.True(host.Journal.IsSilentAbout("threw bad"));
        Assert.Equal("The job throw bad failed InvalidOperationException", Assert.Single(host.Log.At(LogLevel.Error)));
    }

    [Fact]
    public async Task Pending_ids_are_those_that_run_or_wait_of_that_kind()
    {
        await using var host = await JobHost.StartAsync(JobsDb);
        await host.Queue.EnqueueAsync<Endless>("a:b");
        await host.Queue.EnqueueAsync<Endless>("a:b");
        await host.Queue.EnqueueAsync<Endless>("later", DateTimeOffset.UtcNow.AddHours(1));
        await host.Queue.EnqueueAsync<Recorder>("other", DateTimeOffset.UtcNow.AddHours(1));
        await host.Journal.Has("began a:b");
        await host.Journal.Has("began a:b");

        Assert.Equal(["a:b", "later"], (await host.Queue.PendingIdsAsync<Endless>()).Order(StringComparer.Ordinal));
        Assert.Equal(["other"], await host.Queue.PendingIdsAsync<Recorder>());
    }

    [Fact]
    public async Task What_was_cancelled_by_the_stop_is_pending_at_the_next_start()
    {
        await using (var first = await JobHost.StartAsync(JobsDb))
        {
            await first.Queue.EnqueueAsync<Endless>("1");
            await first.Journal.Has("began 1");
        }

        await using var second = await JobHost.StartAsync(JobsDb);

        Assert.Equal(["1"], await second.Queue.PendingIdsAsync<Endless>());
    }

    [Fact]
    public async Task A_stored_kind_that_is_registered_no_more_is_dropped_with_a_warning()
    {
        await using (var first = await JobHost.StartAsync(JobsDb))
            await first.Queue.EnqueueAsync<Recorder>("1", DateTimeOffset.UtcNow.AddMilliseconds(300));

        await using var second = await JobHost.StartAsync(JobsDb, services => services.AddJobHandler<Endless>());

        await NothingPending<Recorder>(second);
        Assert.Equal("Dropped the stored job record 1: no handler of that kind is registered", Assert.Single(second.Log.At(LogLevel.Warning)));
    }

    [Fact]
    public async Task Only_kind_and_id_reach_the_file()
    {
        const string canary = "c4n4ry-5ecret";
        await using var host = await JobHost.StartAsync(JobsDb, services => services.AddSingleton(new Secret(canary)).AddJobHandler<Keeper>());
        using var activity = new Activity(canary).AddBaggage("secret", canary).Start();

        await host.Queue.EnqueueAsync<Keeper>("the-id");
        await host.Journal.Has("kept the-id");
        await host.Queue.EnqueueAsync<Keeper>("the-id", DateTimeOffset.UtcNow.AddHours(1));

        var stored = string.Concat(Directory.GetFiles(_directory.Path).Select(ReadWhileOpen));
        Assert.Contains("the-id", stored, StringComparison.Ordinal);
        Assert.DoesNotContain(canary, stored, StringComparison.Ordinal);
        Assert.DoesNotContain(activity.TraceId.ToHexString(), stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ringing_fails_in_words_of_our_own_once_the_server_stops()
    {
        await using var host = await JobHost.StartAsync(JobsDb);
        await host.StopAsync();

        await Assert.ThrowsAsync<JobsUnavailableException>(() => host.Queue.EnqueueAsync<Recorder>("1"));
        await Assert.ThrowsAsync<JobsUnavailableException>(() => host.Queue.PendingIdsAsync<Recorder>());
    }

    [Fact]
    public async Task A_kind_nobody_handles_and_an_id_that_is_a_text_are_refused()
    {
        await using var host = await JobHost.StartAsync(JobsDb, services => services.AddJobHandler<Recorder>());

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Queue.EnqueueAsync<Endless>("1"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => host.Queue.EnqueueAsync<Recorder>(new string('x', 101)));
    }

    [Fact]
    public async Task Two_handlers_of_one_kind_stop_the_start() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            JobHost.StartAsync(JobsDb, services => services.AddJobHandler<Recorder>().AddJobHandler<Recorder>()));

    [Fact]
    public async Task The_engine_says_nothing_below_warning()
    {
        await using var host = await JobHost.StartAsync(JobsDb);

        await host.Queue.EnqueueAsync<Recorder>("1");
        await host.Journal.Has("ran 1");

        Assert.Empty(host.Log.From("Quartz"));
        Assert.NotEmpty(host.Log.From("Microsoft.Extensions.Hosting"));
    }

    [Fact]
    public async Task Trouble_inside_the_engine_reaches_the_log_and_the_caller_and_does_not_hold_up_the_stop()
    {
        await using var host = await JobHost.StartAsync(JobsDb);
        await host.Queue.EnqueueAsync<Recorder>("1", DateTimeOffset.UtcNow.AddSeconds(2));
        await Until(async () => await AskFileAsync("SELECT TRIGGER_STATE FROM QRTZ_TRIGGERS") is "ACQUIRED");
        await AskFileAsync("DROP TABLE QRTZ_TRIGGERS");

        await Assert.ThrowsAsync<JobsUnavailableException>(() => host.Queue.EnqueueAsync<Recorder>("2"));
        await Until(() => Task.FromResult(host.Log.From("Quartz").Count > 0));

        var clock = Stopwatch.StartNew();
        await host.DisposeAsync();
        // The engine's three limits together are six seconds; without them its own pause between two looks is waited for.
        Assert.InRange(clock.ElapsedMilliseconds, 0, 10_000);
    }

    private async Task<object?> AskFileAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={JobsDb};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    private static Task NothingPending<T>(JobHost host) where T : class, IJobHandler =>
        Until(async () => (await host.Queue.PendingIdsAsync<T>()).Count == 0);

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var patience = Stopwatch.StartNew(); !await holds(); await Task.Delay(20))
            Assert.InRange(patience.ElapsedMilliseconds, 0, 10_000);
    }

    private static string ReadWhileOpen(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return reader.ReadToEnd();
    }

    private sealed record Secret(string Text);

    private sealed class Keeper(Secret secret, Journal journal) : IJobHandler
    {
        public static string Kind => "keep";

        public Task RunAsync(string id, CancellationToken stopping)
        {
            journal.Write($"kept {id}");
            throw new InvalidOperationException(secret.Text);
        }
    }
}
