using ChatMvc.Data;
using ChatMvc.Operators.Health;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Chats;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Operators;

/// <summary>What a proxy hears of a server that cannot take messages: one line that names the reason.</summary>
public sealed class HealthTests : IAsyncLifetime, IDisposable
{
    private TestApp app = null!;
    private Visitor monitor = null!;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync("OpenAI:MaxConcurrency=1");
        monitor = new Visitor(app.Address);
    }

    public async Task DisposeAsync() => await app.DisposeAsync();

    public void Dispose() => monitor.Dispose();

    [Fact]
    public async Task A_server_is_ready_once_its_job_store_is_open()
    {
        await Rooms.EventuallyAsync(async () => await ReadyAsync() == (200, "ready\n"), "it is ready");
        Assert.Equal((200, "ok\n"), await AskAsync("/healthz"));
    }

    [Fact]
    public async Task A_full_disk_is_named_and_over_when_there_is_room_again()
    {
        var disk = app.Services.GetRequiredService<DiskSpace>();
        var real = disk.Free;
        await Rooms.EventuallyAsync(async () => (await ReadyAsync()).Status == 200, "it is ready");
        disk.Free = () => DiskSpace.Least - 1;
        Assert.Equal((503, "the disk is full: 255 MB are left, 256 MB are needed\n"), await ReadyAsync());
        // Alive it is all the same: to start it again would help nobody.
        Assert.Equal(200, (await AskAsync("/healthz")).Status);
        disk.Free = real;
        Assert.Equal(200, (await ReadyAsync()).Status);
        Assert.True(real() > 0);
    }

    [Fact]
    public async Task A_clock_that_went_back_is_named()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartChatAsync("Hello"));
        app.Time.Advance(TimeSpan.FromSeconds(-30));
        Assert.Equal(200, (await ReadyAsync()).Status);
        app.Time.Advance(TimeSpan.FromHours(-5));
        Assert.Equal((503, "the clock is 5 hours behind the newest message\n"), await ReadyAsync());
    }

    [Fact]
    public async Task A_database_that_nobody_can_write_to_is_named()
    {
        await Rooms.EventuallyAsync(async () => (await ReadyAsync()).Status == 200, "it is ready");
        using (await app.Services.GetRequiredService<WriteGate>().EnterAsync(CancellationToken.None))
            Assert.Equal((503, "the database cannot be written to\n"), await ReadyAsync());
        Assert.Equal(200, (await ReadyAsync()).Status);
    }

    [Fact]
    public async Task An_answer_that_may_run_and_does_not_is_named_and_one_that_waits_for_its_person_s_own_is_not()
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        app.OpenAI.Behaviour = new OpenAIBehaviour { Text = "One two three", FirstTokenDelayMs = 0, TokenDelayMs = 60_000 };
        var chat = await maya.StartChatAsync("Hello");
        await maya.AnswerInStateAsync(chat, "streaming");
        await maya.SayAsync(chat, "And more");
        app.Time.Advance(Readiness.LongestWait + TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await ReadyAsync()).Status);

        // There is one place, and Maya's answer has it.
        await noor.StartChatAsync("Hello");
        app.Time.Advance(Readiness.LongestWait + TimeSpan.FromMinutes(1));
        Assert.Equal((503, "an answer that may run has been waiting for more than 15 minutes: jobs do not run\n"), await ReadyAsync());
    }

    private Task<(int Status, string Text)> ReadyAsync() => AskAsync("/readyz");

    private async Task<(int Status, string Text)> AskAsync(string path)
    {
        var answer = await monitor.GetAsync(path);
        return (answer.Status, answer.Text);
    }
}
