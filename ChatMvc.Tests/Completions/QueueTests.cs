using System.Diagnostics;
using ChatMvc.Chats;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Completions;

/// <summary>Whose turn it is: in one chat in order, of one person so many at once, and nobody waits for anybody else.</summary>
public sealed class QueueTests
{
    private static readonly TimeSpan SweepEvery = ChatMvc.Completions.AnswerSweep.Every;

    [Fact]
    public async Task Answers_beyond_those_at_once_follow_each_other_at_once()
    {
        const int chats = 8;
        await using var app = await TestApp.StartAsync("Limits:ConcurrentAnswers=1", "Limits:BasicMessages=20");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Here it is.");
        app.OpenAI.WillHangAfter(2);
        var rooms = new List<string>();
        for (var i = 0; i < chats; i++) rooms.Add(await maya.StartChatAsync($"Question {i}"));
        var first = await maya.AnswerInStateAsync(rooms[0], "streaming");
        foreach (var room in rooms.Skip(1)) Assert.Equal("queued", (await maya.GetAsync(room)).Answers[0].State());
        Assert.Equal("Waiting for its turn.", (await maya.GetAsync(rooms[1])).Answers[0].Note());
        Assert.Equal(1, app.OpenAI.Calls.Answers);
        var began = Stopwatch.GetTimestamp();

        await maya.SubmitAsync(first.Form("stop"));
        foreach (var room in rooms.Skip(1)) Assert.Equal("done", (await maya.LastAnswerAsync(room)).State());

        // The sweep alone would take up one in each of its rounds.
        Assert.True(Stopwatch.GetElapsedTime(began) < SweepEvery * (chats - 3), $"It took {Stopwatch.GetElapsedTime(began)}.");
        var calls = app.AnswerCalls();
        Assert.Equal(chats, calls.Count);
        var requests = await app.AnswerRequestsAsync();
        Assert.Equal(chats, requests.Count);
        for (var i = 1; i < chats; i++) Assert.True(requests[i].StartedAt >= requests[i - 1].FinishedAt, $"Request {i} came before request {i - 1} had ended.");
        for (var i = 0; i < chats; i++) Assert.Contains($"Question {i}", System.Text.Encoding.UTF8.GetString(calls[i].Body!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_that_wait_out_a_pause_leave_their_place_to_the_next()
    {
        const int pausing = 3;
        await using var app = await TestApp.StartAsync("Limits:ConcurrentAnswers=1");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Here it is.");
        app.OpenAI.Behaviour = new() { Status = 429, RetryAfterSeconds = 25, FirstTokenDelayMs = 500, Times = pausing };
        var rooms = new List<string>();
        for (var i = 0; i <= pausing; i++) rooms.Add(await maya.StartChatAsync($"Question {i}"));
        var began = Stopwatch.GetTimestamp();

        Assert.Equal("done", (await maya.LastAnswerAsync(rooms[pausing])).State());

        // The sweep alone would take up one in each of its rounds.
        Assert.True(Stopwatch.GetElapsedTime(began) < SweepEvery * (pausing - 1), $"It took {Stopwatch.GetElapsedTime(began)}.");
        Assert.Equal(pausing + 1, app.OpenAI.Calls.Answers);
        foreach (var room in rooms.Take(pausing)) Assert.Equal("queued", (await maya.GetAsync(room)).Answers[0].State());
    }

    [Fact]
    public async Task A_second_question_waits_for_the_first_answer_and_hears_it()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "First answer in a few words.", FirstTokenDelayMs = 0, TokenDelayMs = 150 };
        var chat = await maya.StartChatAsync("First question");
        await maya.AnswerInStateAsync(chat, "streaming");

        Assert.Equal(303, (await maya.SayAsync(chat, "Second question")).Status);
        Assert.Equal(["streaming", "queued"], (await maya.GetAsync(chat)).Answers.Select(a => a.State()));
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());

        var requests = await app.AnswerRequestsAsync();
        Assert.Equal(2, requests.Count);
        Assert.True(requests[1].StartedAt >= requests[0].FinishedAt, "The second was asked before the first had ended.");
        Assert.Contains("First answer in a few words.", app.LastHeard(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stopped")]
    [InlineData("failed")]
    public async Task A_second_question_is_answered_however_the_first_ended(string end)
    {
        await using var app = await TestApp.StartAsync("OpenAI:IdleTimeout=00:00:03");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Second answer.");
        app.OpenAI.Behaviour = new() { Text = "A partial answer of some words.", HangAfterTokens = 3, FirstTokenDelayMs = 0, TokenDelayMs = 0, Times = 1 };
        var chat = await maya.StartChatAsync("First question");
        var first = await maya.AnswerInStateAsync(chat, "streaming");
        Assert.Equal(303, (await maya.SayAsync(chat, "Second question")).Status);

        if (end == "stopped") await maya.SubmitAsync(first.Form("stop"));

        Assert.Equal("Second answer.", (await maya.LastAnswerAsync(chat)).Body());
        Assert.Equal([end, "done"], (await maya.GetAsync(chat)).Answers.Select(a => a.State()));
    }

    [Fact]
    public async Task Over_the_queue_the_text_stays_in_the_box_and_nothing_is_stored()
    {
        await using var app = await TestApp.StartAsync("Limits:ConcurrentAnswers=1", "Limits:QueuedAnswers=2");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { HangAfterTokens = 0 };
        var chat = await maya.StartChatAsync("First question");
        await maya.AnswerInStateAsync(chat, "streaming");
        await maya.SayAsync(chat, "Second question");
        await maya.StartChatAsync("Third question");

        var refused = await maya.SayAsync(chat, "Fourth question");
        var fresh = await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "Fifth question"));

        Assert.All([refused, fresh], r => Assert.Equal(429, r.Status));
        Assert.StartsWith("3 of your answers are still waiting.", refused.Notice("error"));
        Assert.Null(refused.Notice("limit"));
        Assert.Equal(("Fourth question", "Fifth question"), (refused.Typed, fresh.Typed));
        Assert.Equal(2, (await maya.GetAsync("/chats")).Left);
        Assert.Equal(6, (await app.MessagesAsync()).Count);
    }

    [Fact]
    public async Task A_stop_while_it_waits_gives_the_message_back()
    {
        await using var app = await TestApp.StartAsync("Limits:ConcurrentAnswers=1");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { HangAfterTokens = 0 };
        var running = await maya.StartChatAsync("First question");
        await maya.AnswerInStateAsync(running, "streaming");
        var chat = await maya.StartChatAsync("Second question");
        Assert.Equal(3, (await maya.GetAsync(chat)).Left);

        Assert.Equal(303, (await maya.SubmitAsync((await maya.GetAsync(chat)).Answers[0].Form("stop"))).Status);

        var answer = await maya.LastAnswerAsync(chat);
        Assert.Equal(("stopped", ""), (answer.State(), answer.Body()));
        Assert.Equal(4, (await maya.GetAsync(chat)).Left);
        Assert.Equal(1, app.OpenAI.Calls.Answers);
    }

    [Fact]
    public async Task A_stop_in_the_very_moment_of_the_start_lets_the_upstream_go()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=1000");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { HangAfterTokens = 0 };
        var start = (await maya.GetAsync("/chats")).Compose;
        var chat = await maya.StartChatAsync("Question");
        var stop = (await maya.AnswerInStateAsync(chat, "streaming")).Form("stop");
        await maya.SubmitAsync(stop);
        for (var i = 0; i < 60; i++)
        {
            var sent = await maya.SubmitByHtmxAsync(start, ("text", "Question"), ("nonce", $"nonce-of-the-test-{i:00}"));
            var room = sent.Header("HX-Redirect")!;
            var id = await app.ReadAsync(db => db.Messages.MaxAsync(m => m.Id));
            await Task.Delay(i % 12);
            Assert.Equal(200, (await maya.SendAsync(HttpMethod.Post, $"{room}/messages/{id}/stop", Visitor.Fields(stop), [("HX-Request", "true")])).Status);
        }

        await Rooms.EventuallyAsync(() => Task.FromResult(app.OpenAI.Calls.Running == 0), "no upstream call runs on");
        Assert.All(await app.ReadAsync(db => db.Messages.Where(m => m.Role == Role.Assistant).ToListAsync()), m => Assert.Equal(MessageState.Stopped, m.State));
        // Whoever was asked was told, and nobody else.
        var requests = await app.ReadAsync(db => db.Completions.ToListAsync());
        Assert.All(requests, r => Assert.Equal("stopped", r.Outcome));
    }

    [Fact]
    public async Task Ones_queue_delays_nobody_else()
    {
        await using var app = await TestApp.StartAsync("Limits:ConcurrentAnswers=1", "Limits:QueuedAnswers=100", "Limits:BasicMessages=100");
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        app.OpenAI.Behaviour = new() { HangAfterTokens = 0 };
        var chat = await maya.StartChatAsync("Question");
        var compose = (await maya.GetAsync("/chats")).Compose;
        for (var i = 0; i < 60; i++)
            Assert.Equal(303, (await maya.SubmitAsync(compose, ("text", "Question"), ("nonce", $"nonce-of-the-test-{i:00}"))).Status);
        await maya.AnswerInStateAsync(chat, "streaming");
        app.OpenAI.WillAnswer("For Noor at once.");
        var began = Stopwatch.GetTimestamp();

        var answer = await noor.LastAnswerAsync(await noor.StartChatAsync("Question"));

        Assert.Equal("For Noor at once.", answer.Body());
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10), $"It took {Stopwatch.GetElapsedTime(began)}.");
        Assert.Equal("streaming", (await maya.GetAsync(chat)).Answers[0].State());
    }

    [Fact]
    public async Task No_more_answers_are_generated_at_once_than_the_server_may()
    {
        await using var app = await TestApp.StartAsync("OpenAI:MaxConcurrency=2");
        app.OpenAI.WillHurry(firstTokenDelayMs: 200);
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var rooms = new List<(Visitor, string)>();
        foreach (var visitor in new[] { maya, noor, maya, noor }) rooms.Add((visitor, await visitor.StartChatAsync("How is bread made?")));

        foreach (var (visitor, chat) in rooms) Assert.Equal("done", (await visitor.LastAnswerAsync(chat)).State());

        var requests = await app.AnswerRequestsAsync();
        Assert.Equal(4, requests.Count);
        Assert.All(requests, one => Assert.InRange(requests.Count(r => r.StartedAt <= one.StartedAt && r.FinishedAt > one.StartedAt), 1, 2));
    }
}
