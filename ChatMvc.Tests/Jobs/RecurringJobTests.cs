using ChatMvc.Jobs;
using Microsoft.Extensions.Logging;

namespace ChatMvc.Tests.Jobs;

public sealed class RecurringJobTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task It_runs_at_the_start_and_then_at_its_distance()
    {
        await using var host = await JobHost.StartAsync(_directory["jobs.db"], services => services.AddRecurringJob<Recorder>(TimeSpan.FromMilliseconds(100)));

        for (var round = 0; round < 3; round++)
            await host.Journal.Has("ran record");
    }

    [Fact]
    public async Task One_bad_round_is_logged_and_the_next_one_comes()
    {
        await using var host = await JobHost.StartAsync(_directory["jobs.db"], services => services.AddRecurringJob<Thrower>(TimeSpan.FromMilliseconds(50)));

        await host.Journal.Has("threw throw");
        await host.Journal.Has("threw throw");

        Assert.Contains("The recurring job throw failed; it runs again at its next time InvalidOperationException", host.Log.At(LogLevel.Error));
    }

    [Fact]
    public async Task The_stop_cancels_a_round_and_the_next_start_begins_anew()
    {
        await using (var first = await JobHost.StartAsync(_directory["jobs.db"], services => services.AddRecurringJob<Endless>(TimeSpan.FromHours(1))))
        {
            await first.Journal.Has("began endless");
            await first.StopAsync();
            await first.Journal.Has("cancelled endless");
            Assert.Empty(first.Log.At(LogLevel.Error));
        }

        await using var second = await JobHost.StartAsync(_directory["jobs.db"], services => services.AddRecurringJob<Endless>(TimeSpan.FromHours(1)));

        await second.Journal.Has("began endless");
    }

    [Fact]
    public async Task It_runs_when_it_is_asked_to_and_says_how_that_went()
    {
        await using var host = await JobHost.StartAsync(_directory["jobs.db"], services => services.AddRecurringJob<Thrower>(TimeSpan.FromHours(1)));
        await host.Journal.Has("threw throw");

        Assert.True(host.Board.RunNow("throw"));
        Assert.False(host.Board.RunNow("nothing"));

        await host.Journal.Has("threw throw");
        while (Assert.Single(host.Board.Recurring).IsRunning) await Task.Delay(10);
        var standing = Assert.Single(host.Board.Recurring);
        Assert.Equal(("throw", TimeSpan.FromHours(1), "InvalidOperationException"), (standing.Kind, standing.Every, standing.LastError));
        Assert.Contains("The recurring job throw failed", Assert.Single(standing.LastLog), StringComparison.Ordinal);
        Assert.NotNull(standing.NextAt);
    }

    [Fact]
    public async Task A_paused_one_leaves_its_rounds_out_until_it_is_let_again_but_runs_when_it_is_asked_to()
    {
        await using var host = await JobHost.StartAsync(_directory["jobs.db"], services => services
            .AddRecurringJob<Recorder>(TimeSpan.FromMilliseconds(50)).AddRecurringJob<Thrower>(TimeSpan.FromMilliseconds(50)));
        await host.Journal.Has("ran record");

        host.Board.PauseRounds("record", isPaused: true);
        // The one that was being let may still run.
        for (var round = 0; round < 4; round++) await host.Journal.Has("threw throw");
        while (!host.Journal.IsSilentAbout("ran record")) await host.Journal.Has("ran record");
        var last = host.Board.Recurring[0].LastAt;
        for (var round = 0; round < 4; round++) await host.Journal.Has("threw throw");
        Assert.Equal(last, host.Board.Recurring[0].LastAt);

        host.Board.RunNow("record");
        await host.Journal.Has("ran record");
        host.Board.PauseRounds("record", isPaused: false);
        await host.Journal.Has("ran record");
        await host.Journal.Has("ran record");
    }
}
