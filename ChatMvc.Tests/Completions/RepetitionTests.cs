using ChatMvc.Completions;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Chats;

namespace ChatMvc.Tests.Completions;

/// <summary>A fault that may pass is waited out once, before the first word; never after it, never for long.</summary>
public sealed class RepetitionTests
{
    [Fact]
    public async Task A_pause_that_the_upstream_asks_for_is_kept_and_then_it_is_asked_once_more()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Here it is.");
        app.OpenAI.WillFail(429, retryAfterSeconds: 2);

        var chat = await maya.StartChatAsync("How is bread made?");
        await Rooms.EventuallyAsync(async () => (await maya.GetAsync(chat)).Answers[^1].Note()?.Contains("asked for a pause", StringComparison.Ordinal) == true, "the room says that it waits");
        var answer = await maya.LastAnswerAsync(chat);

        Assert.Equal(("done", "Here it is."), (answer.State(), answer.Body()));
        var calls = app.AnswerCalls();
        Assert.Equal(2, calls.Count);
        Assert.InRange(calls[1].ReceivedAt - calls[0].EndedAt!.Value, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20));
        Assert.Equal(4, (await maya.GetAsync(chat)).Left);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task A_server_error_is_asked_over_once(int status)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Here it is.");
        app.OpenAI.WillFail(status);

        var chat = await maya.StartChatAsync("How is bread made?");
        var answer = await maya.LastAnswerAsync(chat);

        Assert.Equal(("done", "Here it is."), (answer.State(), answer.Body()));
        Assert.Equal(2, app.OpenAI.Calls.Answers);
        Assert.Equal(4, (await maya.GetAsync(chat)).Left);
    }

    [Fact]
    public async Task A_long_pause_is_not_waited_out()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillFail(429, times: 5, retryAfterSeconds: 3600);

        var answer = await maya.LastAnswerAsync(await maya.StartChatAsync("How is bread made?"));

        Assert.Equal(("failed", FailureWords.Of(AnswerFailure.Busy)), (answer.State(), answer.Note()));
        Assert.Equal(1, app.OpenAI.Calls.Answers);
    }

    [Fact]
    public async Task An_answer_that_waits_out_a_pause_can_be_stopped_and_costs_nothing()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillFail(429, times: 5, retryAfterSeconds: 3);
        var chat = await maya.StartChatAsync("How is bread made?");
        await Rooms.EventuallyAsync(() => Task.FromResult(app.OpenAI.Calls.Answers == 1), "the upstream was asked");
        var waiting = await maya.AnswerInStateAsync(chat, "queued");

        Assert.Equal(303, (await maya.SubmitAsync(waiting.Form("stop"))).Status);

        Assert.Equal("stopped", (await maya.LastAnswerAsync(chat)).State());
        Assert.Equal(5, (await maya.GetAsync(chat)).Left);
        // Past the pause nothing comes after it: the job finds the answer ended.
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.Equal(1, app.OpenAI.Calls.Answers);
        Assert.Equal("stopped", (await maya.LastAnswerAsync(chat)).State());
    }

    [Fact]
    public async Task A_title_that_fails_leaves_the_name_and_the_answer_as_they_are()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Here it is.");
        app.OpenAI.Behaviour = new() { Status = 500, Kind = SteeredKind.Title, Times = 1, ErrorMessage = "the-upstreams-own-words" };

        var chat = await maya.StartChatAsync("How is bread made?");
        var answer = await maya.LastAnswerAsync(chat);
        await Rooms.EventuallyAsync(() => Task.FromResult(app.OpenAI.Calls.Snapshot().Any(c => c is { Kind: CallKind.Title, EndedAt: not null })), "the title was asked for");

        Assert.Equal("done", answer.State());
        var room = await maya.GetAsync(chat);
        Assert.Equal("How is bread made?", room.Document.QuerySelector("h1")!.TextContent);
        Assert.Equal(4, room.Left);
    }
}
