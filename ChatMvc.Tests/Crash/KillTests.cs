using System.Diagnostics;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Sandbox;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Crash;

/// <summary>One <c>kill -9</c>, wherever it falls: the answer comes without anyone's help, once, and is counted once.</summary>
public sealed class KillTests
{
    /// <summary>About a hundred tokens in one paragraph, so that the page shows exactly this text.</summary>
    public static readonly string Text = string.Join(' ', Enumerable.Range(1, 20).Select(n => $"Bread needs time, {n}."));

    /// <summary>Moments within the making of an answer, and how often the upstream is asked for it in all.</summary>
    public static TheoryData<Moment, int> Moments => new()
    {
        { Moment.Step(Steps.MessageAccepted), 1 },
        { Moment.Before("INSERT INTO \"Completions\""), 1 },
        { Moment.After("INSERT INTO \"Completions\""), 1 },
        { Moment.Step(Steps.AnswerClaimed), 1 },
        { Moment.Step(Steps.FirstToken), 2 },
        { Moment.Step(Steps.LastToken), 2 },
        { Moment.Before("DELETE FROM \"MessageParts\""), 2 },
        { Moment.After("DELETE FROM \"MessageParts\""), 2 },
        { Moment.Step(Steps.AnswerFinished), 1 },
    };

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task The_answer_comes_by_itself_and_once(Moment moment, int requests)
    {
        await using var app = await MortalApp.StartAsync(moment);
        app.WillAnswer(Text);
        using var maya = await app.SignInAsAsync("Maya");
        var (action, fields) = await maya.FillInAsync("/chats", "How is bread made?");
        await maya.TryToPostAsync(action, fields);
        await app.HasDiedAsync();

        await app.RestartAsync();

        var chat = Assert.Single(await maya.ChatsAsync());
        await IsAnsweredOnceAsync(app, maya, chat, requests);
        Assert.Equal(1, app.OpenAI.Calls.Titles);
        // A browser that never heard of the 303 sends its form once more.
        var again = await maya.TryToPostAsync(action, fields);
        Assert.Equal((303, chat), (again?.Status, again?.Location?.Split('#')[0]));
        await IsAnsweredOnceAsync(app, maya, chat, requests);
    }

    [Fact]
    public async Task Before_the_commit_nothing_has_happened_and_the_same_form_can_be_sent_again()
    {
        await using var app = await MortalApp.StartAsync(Moment.After("INSERT INTO \"AllowanceUses\""));
        app.WillAnswer(Text);
        using var maya = await app.SignInAsAsync("Maya");
        var (action, fields) = await maya.FillInAsync("/chats", "How is bread made?");
        Assert.Null(await maya.TryToPostAsync(action, fields));
        await app.HasDiedAsync();

        await app.RestartAsync();

        Assert.Empty(await maya.ChatsAsync());
        Assert.StartsWith("5 of 5", (await maya.GetAsync("/chats")).Allowance);
        Assert.Equal((0, 0), await app.ReadAsync(async db => (await db.Messages.CountAsync(), await db.AllowanceUses.CountAsync())));
        Assert.Equal(303, (await maya.TryToPostAsync(action, fields))?.Status);
        await IsAnsweredOnceAsync(app, maya, Assert.Single(await maya.ChatsAsync()), requests: 1);
    }

    [Fact]
    public async Task Before_the_first_token()
    {
        await using var app = await MortalApp.StartAsync();
        app.WillAnswer(Text);
        app.OpenAI.WillHangAfter(0);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How is bread made?");
        Assert.NotNull(await app.OpenAI.WaitForCallAsync(c => c.State == CallState.Hanging, TimeSpan.FromSeconds(20)));
        await app.KillAsync();

        await app.RestartAsync();

        await IsAnsweredOnceAsync(app, maya, chat, requests: 2);
    }

    [Fact]
    public async Task In_mid_stream()
    {
        await using var app = await MortalApp.StartAsync();
        app.WillAnswer(Text, slowly: true);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How is bread made?");
        await maya.AnswerHasBegunAsync(chat, characters: 50);
        var stored = await app.HasStoredPartsAsync(characters: 50);
        await app.KillAsync();
        Assert.StartsWith(stored, Text);
        Assert.NotEqual(Text, stored);

        app.WillAnswer(Text);
        await app.RestartAsync();

        // The lease of the dead run is not waited for.
        var began = Stopwatch.GetTimestamp();
        await app.UpstreamIsAskedAsync(CallKind.Answer, times: 2);
        Assert.True(Stopwatch.GetElapsedTime(began) < Answers.Lease / 2, $"Taken up again after {Stopwatch.GetElapsedTime(began)}.");
        await IsAnsweredOnceAsync(app, maya, chat, requests: 2);
    }

    [Fact]
    public async Task While_it_waits_to_ask_again()
    {
        await using var app = await MortalApp.StartAsync();
        app.WillAnswer(Text);
        app.OpenAI.WillFail(503, retryAfterSeconds: 5);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How is bread made?");
        await app.UntilAsync(db => db.Messages.AnyAsync(m => m.State == MessageState.Queued && m.NotBefore != null));
        await app.KillAsync();

        await app.RestartAsync();

        await IsAnsweredOnceAsync(app, maya, chat, requests: 2);
    }

    [Fact]
    public async Task Whoever_had_pressed_stop_is_not_answered_again()
    {
        // In the worker that was told to stop, before that is committed.
        await using var app = await MortalApp.StartAsync(Moment.Before("DELETE FROM \"MessageParts\""));
        app.WillAnswer(Text, slowly: true);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How is bread made?");
        var stored = await app.HasStoredPartsAsync(characters: 20);
        var running = await maya.AnswerHasBegunAsync(chat, characters: 20);
        var stop = running.Form("stop");
        await maya.TryToPostAsync(stop.GetAttribute("action")!, Visitor.Fields(stop));
        await app.HasDiedAsync();
        Assert.Equal(MessageState.Streaming, await app.ReadAsync(db => db.Messages.Where(m => m.Role == Role.Assistant).Select(m => m.State).SingleAsync()));

        await app.RestartAsync();

        var answer = await maya.LastAnswerAsync(chat);
        Assert.Equal("stopped", answer.State());
        Assert.StartsWith(stored.Trim(), answer.Body());
        Assert.StartsWith("4 of 5", (await maya.GetAsync(chat)).Allowance);
        Assert.Equal(1, app.OpenAI.Calls.Answers);
        Assert.Empty(await app.DamageAsync());
    }

    [Fact]
    public async Task While_the_chat_is_being_named()
    {
        await using var app = await MortalApp.StartAsync();
        app.WillAnswer(Text);
        app.OpenAI.Behaviour = new() { HangAfterTokens = 0, Kind = SteeredKind.Title, Times = 1 };
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How is bread made?");
        Assert.NotNull(await app.OpenAI.WaitForCallAsync(c => c.Kind == CallKind.Title && c.State == CallState.Hanging, TimeSpan.FromSeconds(20)));
        await app.KillAsync();

        await app.RestartAsync();

        await IsAnsweredOnceAsync(app, maya, chat, requests: 1);
        Assert.Equal(2, app.OpenAI.Calls.Titles);
    }

    [Fact]
    public async Task Three_more_kills_while_it_recovers_change_nothing()
    {
        await using var app = await MortalApp.StartAsync();
        app.WillAnswer(Text, slowly: true);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How is bread made?");
        await app.HasStoredPartsAsync(characters: 50);
        await app.KillAsync();

        // While the leases of the dead are lifted, while the jobs are looked through, and while the answer is claimed.
        foreach (var moment in new[] { Moment.After("UPDATE \"Messages\""), Moment.Before("FROM \"Messages\""), Moment.After("INSERT INTO \"Completions\"") })
        {
            app.Begin(moment);
            await app.HasDiedAsync();
        }
        app.WillAnswer(Text);
        await app.RestartAsync();

        await IsAnsweredOnceAsync(app, maya, chat, requests: 2);
    }

    /// <summary>One question, one whole answer, one free message counted, one title, at most this many requests, and sound files.</summary>
    internal static async Task IsAnsweredOnceAsync(MortalApp app, Visitor visitor, string chat, int requests)
    {
        var answer = await visitor.LastAnswerAsync(chat);
        Assert.Equal(("done", Text), (answer.State(), answer.Body()));
        var room = await visitor.GetAsync(chat);
        Assert.Single(room.Document.QuerySelectorAll("article[data-role=user]"));
        Assert.Single(room.Document.QuerySelectorAll("article[data-role=assistant]"));
        Assert.StartsWith("4 of 5", room.Allowance);
        await app.ChatIsNamedAsync();

        var (messages, uses, whole) = await app.ReadAsync(async db => (
            await db.Messages.AsNoTracking().OrderBy(m => m.Id).ToListAsync(),
            await db.AllowanceUses.AsNoTracking().ToListAsync(),
            await db.Completions.CountAsync(c => c.Kind == CompletionKind.Answer && c.Outcome == "stop")));
        Assert.Equal([Role.User, Role.Assistant], messages.Select(m => m.Role));
        Assert.Null(Assert.Single(uses).GivenBackAt);
        Assert.Equal(1, whole);
        Assert.Equal(requests, app.OpenAI.Calls.Answers);
        Assert.Empty(await app.DamageAsync());
        Assert.Empty(app.Server.Errors);
    }
}
