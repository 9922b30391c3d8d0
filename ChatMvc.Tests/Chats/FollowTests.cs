using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Chats;
using ChatMvc.Completions.Live;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats;

/// <summary>A room that is followed shows what a fresh page would, on every device, whatever happens in it.</summary>
public sealed class FollowTests
{
    [Fact]
    public async Task What_another_tab_sends_appears_queued_then_written_then_done()
    {
        await using var app = await TestApp.StartAsync("Limits:ConcurrentAnswers=1");
        using var maya = await app.SignInAsAsync("Maya");
        using var phone = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("First answer.");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);
        await TitledAsync(maya, chat);
        app.OpenAI.Behaviour = new() { HangAfterTokens = 0 };
        var busy = await maya.StartChatAsync("Elsewhere");
        var elsewhere = await maya.AnswerInStateAsync(busy, "streaming");
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        app.OpenAI.Behaviour = new() { Text = "Second answer of seven words or so.", FirstTokenDelayMs = 0, TokenDelayMs = 100 };
        var states = new List<string>();
        bool Sees(string state)
        {
            if (follower.Body != "First answer." && (states.Count == 0 || states[^1] != follower.State!)) states.Add(follower.State!);
            return states.Count > 0 && states[^1] == state;
        }

        Assert.Equal(303, (await phone.SayAsync(chat, "Second question")).Status);
        await follower.UntilAsync(_ => Sees("queued"));
        Assert.Equal(303, (await maya.SubmitAsync(elsewhere.Form("stop"))).Status);
        await follower.UntilAsync(_ => Sees("done"));

        Assert.Equal(["queued", "streaming", "done"], states);
        Assert.Equal("Second answer of seven words or so.", follower.Body);
        Assert.Contains(follower.Events, e => e.Name == "block");
        Assert.Equal("done", follower.Events.Last(e => e.Data.Contains("<article", StringComparison.Ordinal)).Name);
        await AssertEqualsFreshAsync(phone, chat, follower);
    }

    [Fact]
    public async Task The_message_box_learns_of_the_new_head_and_of_the_allowance()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var phone = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An answer.");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);
        using var follower = await RoomFollower.OpenAsync(maya, chat);

        await phone.SayAsync(chat, "Second question");
        await follower.UntilAsync(f => f.Page.QuerySelectorAll("article[data-role=assistant][data-state=done]").Length == 2);

        Assert.Equal("3", follower.Page.QuerySelector("#allowance")!.GetAttribute("data-left"));
        // So the next message from this tab is no stale one.
        var form = follower.Page.QuerySelector<IHtmlFormElement>("form#compose")!;
        Assert.Equal(303, (await maya.SubmitAsync(form, ("text", "Third question"))).Status);
        Assert.DoesNotContain("notice=moved", (await maya.SubmitAsync(form, ("text", "Third question"))).Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_a_failure_and_a_retry_are_seen_by_who_follows()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var phone = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "Some words of an answer that hangs.", HangAfterTokens = 3, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("First question");
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        await follower.UntilAsync(f => f.Body.StartsWith("Some words", StringComparison.Ordinal));

        Assert.Equal(303, (await phone.SubmitAsync((await phone.GetAsync(chat)).Answers[^1].Form("stop"))).Status);
        await follower.UntilAsync(f => f.State == "stopped");
        await AssertEqualsFreshAsync(phone, chat, follower);

        app.OpenAI.WillFail(401);
        await phone.SayAsync(chat, "Second question");
        await follower.UntilAsync(f => f.State == "failed");
        var failed = (await phone.GetAsync(chat)).Answers[^1];
        await AssertEqualsFreshAsync(phone, chat, follower);

        app.OpenAI.WillAnswer("All is well again.");
        Assert.Equal(303, (await phone.SubmitAsync(failed.Form("regenerate"))).Status);
        await follower.UntilAsync(f => f.State == "done");

        Assert.Null(follower.Article(failed.Id!));
        Assert.Contains(follower.Events, e => e.Name == "gone");
        Assert.Equal("All is well again.", follower.Body);
        await AssertEqualsFreshAsync(phone, chat, follower);
    }

    [Fact]
    public async Task Another_answer_to_an_older_question_takes_what_came_after_it_away()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=10");
        using var maya = await app.SignInAsAsync("Maya");
        using var phone = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An answer.");
        var chat = await maya.StartChatAsync("First question");
        var first = await maya.LastAnswerAsync(chat);
        await maya.SayAsync(chat, "Second question");
        await maya.LastAnswerAsync(chat);
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        app.OpenAI.WillAnswer("Another answer.");

        await AskAgainAsync(phone, chat, first);
        await follower.UntilAsync(f => f.Body == "Another answer." && f.State == "done");

        Assert.Equal(2, follower.Page.QuerySelectorAll("article").Length);
        await AssertEqualsFreshAsync(phone, chat, follower);
    }

    [Fact]
    public async Task Another_answer_on_a_branch_that_is_not_shown_brings_that_branch_back()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=10");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An answer.");
        var chat = await maya.StartChatAsync("First question");
        var first = await maya.LastAnswerAsync(chat);
        await maya.SayAsync(chat, "Second question");
        var second = await maya.LastAnswerAsync(chat);
        await AskAgainAsync(maya, chat, first);
        await maya.LastAnswerAsync(chat);
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        Assert.Equal(2, follower.Page.QuerySelectorAll("article").Length);

        await AskAgainAsync(maya, chat, second);
        var latest = await maya.LastAnswerAsync(chat);
        await follower.UntilAsync(f => f.Article(latest.Id!)?.State() == "done");

        Assert.Equal(4, follower.Page.QuerySelectorAll("article").Length);
        await AssertEqualsFreshAsync(maya, chat, follower);
    }

    [Fact]
    public async Task Who_comes_back_far_behind_gets_the_newest_and_the_way_to_the_older()
    {
        const int missed = 300;
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An answer.");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);
        await TitledAsync(maya, chat);
        using var follower = new RoomFollower(maya, chat);
        await follower.LoadAsync();
        // Said on another device meanwhile: copies of the first question and answer, each under the one before.
        await app.SqlAsync($"""
            WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < {2 + missed})
            INSERT INTO Messages (Id, ChatId, ParentId, AuthorId, AskedById, Role, State, Revision, Text, Html, HtmlVersion, Model, Payer, Attempt, Interruptions, CreatedAt, FinishedAt)
            SELECT i, m.ChatId, i - 1, m.AuthorId, m.AskedById, m.Role, m.State, 1000 + i, m.Text, m.Html, m.HtmlVersion, m.Model, m.Payer, m.Attempt, m.Interruptions, m.CreatedAt, m.FinishedAt
            FROM n JOIN Messages m ON m.Id = 2 - i % 2
            """);
        await app.SqlAsync($"UPDATE Chats SET HeadId = {2 + missed}, Revision = {1002 + missed}");

        await follower.ConnectAsync();
        await follower.UntilAsync(f => f.Page.QuerySelector("#parent")!.GetAttribute("value") == $"{2 + missed}");

        var shown = follower.Page.QuerySelectorAll("article").Select(a => a.MessageId()).ToList();
        Assert.Equal(Enumerable.Range(3 + missed - RoomEvents.MaxRows, RoomEvents.MaxRows).Select(i => (long)i), shown);
        var older = await maya.GetAsync(follower.Page.QuerySelector("#log .older a")!.GetAttribute("href")!);
        Assert.Equal(shown[0] - 1, older.Document.QuerySelectorAll("article")[^1].MessageId());
        var fresh = await maya.GetAsync(chat);
        Assert.Equal(RoomFollower.Articles(fresh.Document), RoomFollower.Articles(follower.Page).TakeLast(50));
        // And page by page up to the first.
        var pages = 0;
        for (; older.Document.QuerySelector(".older a") is { } link; pages++) older = await maya.GetAsync(link.GetAttribute("href")!);
        Assert.Equal((1, 2), (older.Document.QuerySelectorAll("article")[0].MessageId(), pages));
    }

    [Fact]
    public async Task A_new_title_reaches_the_heading_and_the_rail()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var phone = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An answer.");
        var chat = await maya.StartChatAsync("How is bread made at home without any kneading?");
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        var asked = follower.Page.QuerySelector("h1")!.TextContent;

        // The model's, then a person's.
        await follower.UntilAsync(f => f.Page.QuerySelector("h1")!.TextContent is var title && title != asked && f.State == "done");
        var settings = (await phone.GetAsync(chat)).Document.QuerySelector<IHtmlFormElement>("form[action$='/settings']")!;
        Assert.Equal(303, (await phone.SubmitAsync(settings, ("title", "Bread & <b>butter</b> ☕"))).Status);
        await follower.UntilAsync(f => f.Page.QuerySelector("h1")!.TextContent == "Bread & <b>butter</b> ☕");

        Assert.Equal("Bread & <b>butter</b> ☕", follower.Page.QuerySelector("#rail-" + chat["/chats/".Length..])!.TextContent.Trim());
        await AssertEqualsFreshAsync(phone, chat, follower);
    }

    [Fact]
    public async Task Ids_are_revisions_and_never_go_down_and_going_on_after_one_misses_nothing()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=10");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An answer.");
        var chat = await maya.StartChatAsync("Question 0");
        await maya.LastAnswerAsync(chat);
        await TitledAsync(maya, chat);
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        using var sleeper = new RoomFollower(maya, chat);
        await sleeper.LoadAsync();

        for (var i = 1; i < 4; i++)
        {
            await maya.SayAsync(chat, $"Question {i}");
            await maya.LastAnswerAsync(chat);
            await follower.UntilAsync(f => f.Page.QuerySelectorAll("article[data-state=done][data-role=assistant]").Length == i + 1);
        }

        // The newest revision comes with the last event of a change alone.
        var newest = await app.ReadAsync(db => db.Chats.Select(c => c.Revision).SingleAsync());
        await follower.UntilAsync(f => f.Events.Any(e => e.Id == newest.ToString(CultureInfo.InvariantCulture)));
        var ids = follower.Events.Where(e => !e.IsComment).Select(e => long.Parse(e.Id!, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(ids.Order(), ids);
        Assert.Equal(newest, ids[^1]);
        // A page from before, whose stream is opened only now; and one that comes back after its last event of long ago.
        await sleeper.ConnectAsync();
        await sleeper.UntilAsync(f => f.Page.QuerySelectorAll("article[data-state=done][data-role=assistant]").Length == 4);
        await AssertEqualsFreshAsync(maya, chat, sleeper);
        Assert.All(sleeper.Events, e => Assert.Equal("message", e.Name));
    }

    [Theory]
    [InlineData("a\u2028b\u2029c\u0085d\fe\vf")]
    [InlineData("```\ncode\u2028goes on\u0085here\n\n  indented\n\tand tabbed\n```")]
    [InlineData(": not a comment\nid: 7\ndata: x\nevent: done\n\nretry: 1")]
    [InlineData("</hx-partial><hx-partial hx-target=\"#log\" hx-swap=\"innerHTML\">gone</hx-partial>")]
    [InlineData("    four spaces\n\n\n\nand blank lines\n  \nend  ")]
    public async Task Every_character_of_question_and_answer_comes_through_the_stream(string text)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An answer.");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        app.OpenAI.WillAnswer(text);

        await maya.SayAsync(chat, text);
        await follower.UntilAsync(f => f.Page.QuerySelectorAll("article[data-role=assistant][data-state=done]").Length == 2);

        await AssertEqualsFreshAsync(maya, chat, follower);
    }

    [Fact]
    public async Task A_deleted_chat_ends_its_streams_and_its_answers()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { HangAfterTokens = 0 };
        var chat = await maya.StartChatAsync("First question");
        await maya.AnswerInStateAsync(chat, "streaming");
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        using var live = await maya.Http.GetAsync($"{chat}/messages/{follower.LastAnswer!.MessageId()}/live", HttpCompletionOption.ResponseHeadersRead);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));

        Assert.Equal(303, (await maya.SubmitAsync(follower.Page.QuerySelector<IHtmlFormElement>("form[action$='/delete']")!)).Status);
        while (await follower.NextAsync(limit.Token) is not null) { }

        Assert.Contains("target=\"_top\"", await live.Content.ReadAsStringAsync(limit.Token), StringComparison.Ordinal);
        Assert.Equal(404, (await maya.GetAsync(RoomFollower.StreamOf(follower.Page))).Status);
        await Rooms.EventuallyAsync(async () => (await app.MessagesAsync()).TrueForAll(m => m.IsTerminal), "the answer ended");
        await Rooms.EventuallyAsync(() => Task.FromResult(app.OpenAI.Calls.Running == 0), "the upstream was let go");
    }

    [Fact]
    public async Task A_quiet_stream_beats_every_fifteen_seconds()
    {
        await using var app = await TestApp.StartAsync("OpenAI:FirstByteTimeout=00:01:00");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { HangAfterTokens = 0 };
        var chat = await maya.StartChatAsync("First question");
        await maya.AnswerInStateAsync(chat, "streaming");
        using var follower = await RoomFollower.OpenAsync(maya, chat);

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(35));
        StreamEvent? next;
        do next = await follower.NextAsync(limit.Token);
        while (next is { IsComment: false });

        Assert.True(next is { IsComment: true });
    }

    [Fact]
    public async Task The_twenty_first_stream_of_a_person_is_refused_and_those_of_others_are_not()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        app.OpenAI.WillAnswer("An answer.");
        var (chat, noors) = (await maya.StartChatAsync("Maya's question"), await noor.StartChatAsync("Noor's question"));
        var answer = await maya.LastAnswerAsync(chat);
        await noor.LastAnswerAsync(noors);
        var followers = new List<RoomFollower>();
        for (var i = 0; i < LiveRooms.MaxStreamsPerPerson; i++) followers.Add(await RoomFollower.OpenAsync(maya, chat));

        var refused = await maya.GetAsync(RoomFollower.StreamOf(followers[0].Page));
        using var others = await RoomFollower.OpenAsync(noor, noors);

        Assert.Equal((429, "5"), (refused.Status, refused.Header("Retry-After")));
        Assert.Equal(429, (await maya.GetAsync($"{chat}/messages/{answer.MessageId()}/live")).Status);
        // One that is left makes room.
        followers[0].Disconnect();
        await followers[0].ConnectAsync();
        followers.ForEach(f => f.Dispose());
        await Rooms.EventuallyAsync(() => Task.FromResult(((LiveRooms)app.Services.GetService(typeof(LiveRooms))!).FollowerCount == 1), "the streams are closed on the server too");
    }

    [Theory]
    [InlineData("?after=x", null)]
    [InlineData("?after=-5", null)]
    [InlineData("?after=99999999999999999999", null)]
    [InlineData("", "not a number")]
    [InlineData("?after=9999", "9999999")]
    public async Task A_revision_that_never_was_is_no_error(string query, string? lastId)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "Some words of an answer.", HangAfterTokens = 2, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("First question");
        await maya.AnswerInStateAsync(chat, "streaming");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{chat}/events{query}");
        if (lastId is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);

        using var response = await maya.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.InRange((int)response.StatusCode, 200, 499);
        if ((int)response.StatusCode != 200) return;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        // What runs is told in any case.
        string? line;
        do line = await reader.ReadLineAsync(limit.Token);
        while (line?.Contains("data-state=\"streaming\"", StringComparison.Ordinal) != true);
    }

    private static async Task AskAgainAsync(Visitor visitor, string chat, IElement answer)
    {
        var own = await visitor.GetAsync($"{chat}/messages/{answer.MessageId()}");
        Assert.Equal(303, (await visitor.SubmitAsync(own.Document.QuerySelector<IHtmlFormElement>("form.again")!)).Status);
    }

    /// <summary>The model names a chat a moment after its first answer; tests that count revisions wait for it.</summary>
    private static Task TitledAsync(Visitor visitor, string chat) => Rooms.EventuallyAsync(
        async () => (await visitor.GetAsync(chat)).Document.QuerySelector("h1")!.TextContent is not "First question" and not "Question 0", "the chat has its title");

    private static async Task AssertEqualsFreshAsync(Visitor visitor, string chat, RoomFollower follower)
    {
        var fresh = (await visitor.GetAsync(chat)).Document;
        // The title, the head and the allowance come in an event after the articles.
        await follower.UntilAsync(f => Around(f.Page) == Around(fresh));
        Assert.Equal(RoomFollower.Articles(fresh), RoomFollower.Articles(follower.Page));
        Assert.Empty(follower.Missed);
    }

    private static (string Title, string? Parent, string Allowance) Around(IHtmlDocument page) => (
        page.QuerySelector("h1")!.TextContent, page.QuerySelector("#parent")!.GetAttribute("value"), page.QuerySelector("#allowance")!.OuterHtml);
}
