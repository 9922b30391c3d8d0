using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Chats;
using ChatMvc.Sandbox;

namespace ChatMvc.Tests.Chats;

/// <summary>Questions asked in other words and answers asked for again stand beside the first, and nothing is ever lost.</summary>
public sealed class BranchTests
{
    [Fact]
    public async Task An_edited_question_gets_an_answer_of_its_own_and_the_older_branch_stays_reachable()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=10");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await ConversationAsync(app, maya, "First", "Second", "Third");
        var before = await maya.GetAsync(chat);
        app.OpenAI.WillAnswer("Answer to Other");

        var sent = await maya.ActAsync(chat, before.Ids[2], "edit", ("text", "Other"));
        Assert.Equal(303, sent.Status);
        await maya.LastAnswerAsync(chat);

        var after = await maya.GetAsync(chat);
        Assert.Equal(["First", "Answer to First", "Other", "Answer to Other"], after.Bodies);
        Assert.Equal([("user", "First"), ("assistant", "Answer to First"), ("user", "Other")], app.LastPrompt());
        Assert.Equal("2 of 2", after.Questions[1].Place());
        Assert.Null(after.Questions[1].Arrow("next"));
        Assert.Equal(6, after.Left);
        var older = await maya.GetAsync(after.Questions[1].Arrow("prev")!);
        Assert.Equal(before.Bodies, older.Bodies);
        Assert.Equal("1 of 2", older.Article(before.Ids[2]).Place());
        Assert.Equal($"{Branches.RoomOf(chat)}?at={after.Ids[2]}", older.Article(before.Ids[2]).Arrow("next"));
        Assert.Equal(after.Bodies, (await maya.GetAsync(older.Article(before.Ids[2]).Arrow("next")!)).Bodies);
    }

    [Fact]
    public async Task The_first_question_of_a_chat_can_be_asked_in_other_words()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await ConversationAsync(app, maya, "First");
        var elsewhere = await ConversationAsync(app, maya, "In another chat");
        var first = (await maya.GetAsync(chat)).Ids[0];
        app.OpenAI.WillAnswer("Answer to Other");

        Assert.Equal(303, (await maya.ActAsync(chat, first, "edit", ("text", "Other"))).Status);
        await maya.LastAnswerAsync(chat);

        var room = await maya.GetAsync(chat);
        Assert.Equal(["Other", "Answer to Other"], room.Bodies);
        Assert.Equal("2 of 2", room.Questions[0].Place());
        Assert.Equal([("user", "Other")], app.LastPrompt());
        Assert.Equal(["First", "Answer to First"], (await maya.GetAsync(room.Questions[0].Arrow("prev")!)).Bodies);
        Assert.Null((await maya.GetAsync(elsewhere)).Questions[0].Place());
    }

    [Fact]
    public async Task An_edit_that_is_refused_stores_nothing_and_keeps_the_text()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=1");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await ConversationAsync(app, maya, "First");
        var first = (await maya.GetAsync(chat)).Ids[0];

        var used = await maya.ActAsync(chat, first, "edit", ("text", "In other words"));
        var empty = await maya.ActAsync(chat, first, "edit", ("text", " "));
        var tooLong = await maya.ActAsync(chat, first, "edit", ("text", new string('a', Message.MaxText + 1)));

        Assert.Equal((429, 422, 422), (used.Status, empty.Status, tooLong.Status));
        Assert.Equal("In other words", used.Document.QuerySelector("textarea[name=text]")!.TextContent);
        Assert.Equal("/billing", used.Document.QuerySelector("[data-notice=limit] a")!.GetAttribute("href"));
        Assert.Equal("true", tooLong.Document.QuerySelector("textarea[name=text]")!.GetAttribute("aria-invalid"));
        Assert.NotNull(tooLong.Notice("error"));
        Assert.Equal(2, (await app.MessagesAsync()).Count);
    }

    [Fact]
    public async Task The_same_edit_posted_twice_makes_one_question_and_nobody_elses_can_be_edited()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var chat = await ConversationAsync(app, maya, "First");
        var ids = (await maya.GetAsync(chat)).Ids;
        var form = (await maya.MessagePageAsync(chat, ids[0])).Document.QuerySelector<IHtmlFormElement>("form.edit")!;

        var twice = (await maya.SubmitAsync(form, ("text", "Other")), await maya.SubmitAsync(form, ("text", "Other")));
        Assert.Equal(twice.Item1.Location, twice.Item2.Location);
        Assert.Equal(4, (await app.MessagesAsync()).Count);

        var token = Visitor.Fields((await noor.GetAsync("/chats")).Compose)["__RequestVerificationToken"];
        foreach (var action in new[] { "edit", "continue", "delete", "restore", "regenerate" })
            Assert.Equal(404, (await noor.SendAsync(HttpMethod.Post, $"{Branches.RoomOf(chat)}/messages/{ids[0]}/{action}",
                new() { ["__RequestVerificationToken"] = token, ["text"] = "Mine", ["nonce"] = new string('n', 20) }, [])).Status);
        Assert.Equal(404, (await noor.GetAsync($"{Branches.RoomOf(chat)}?at={ids[0]}")).Status);
        var hers = await ConversationAsync(app, noor, "Hers");
        Assert.Equal(404, (await noor.GetAsync($"{Branches.RoomOf(hers)}?at={ids[0]}")).Status);
        Assert.Equal(404, (await noor.GetAsync($"{Branches.RoomOf(hers)}?quote={ids[0]}")).Status);
        // An answer is nobody's to be written.
        Assert.Equal(404, (await maya.SendAsync(HttpMethod.Post, $"{Branches.RoomOf(chat)}/messages/{ids[1]}/edit", Visitor.Fields(form, ("text", "Mine")), [])).Status);
    }

    [Fact]
    public async Task A_page_of_another_branch_says_so_moves_nothing_and_what_is_sent_there_goes_on_from_it()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=10");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await ConversationAsync(app, maya, "First", "Second");
        var old = (await maya.GetAsync(chat)).Ids;
        await maya.ActAsync(chat, old[2], "edit", ("text", "Other"));
        await maya.LastAnswerAsync(chat);
        var shown = (await maya.GetAsync(chat)).Bodies;

        var other = await maya.GetAsync($"{Branches.RoomOf(chat)}?at={old[2]}");
        Assert.Contains("another branch", other.Notice("info"), StringComparison.Ordinal);
        Assert.Equal(shown, (await maya.GetAsync(chat)).Bodies);
        Assert.Null((await maya.GetAsync($"{Branches.RoomOf(chat)}?at={old[0]}")).Notice("info"));
        app.OpenAI.WillAnswer("Answer to Fourth");
        var sent = await maya.SubmitAsync(other.Compose, ("text", "Fourth"));
        Assert.Equal(303, sent.Status);
        Assert.DoesNotContain("notice=moved", sent.Location, StringComparison.Ordinal);
        await maya.LastAnswerAsync(chat);

        Assert.Equal(["First", "Answer to First", "Second", "Answer to Second", "Fourth", "Answer to Fourth"], (await maya.GetAsync(chat)).Bodies);
        Assert.Equal(["First", "Answer to First", "Second", "Answer to Second", "Fourth"], app.LastPrompt().Select(turn => turn.Text));
        // The branch has grown meanwhile: what comes from a page that does not know goes to its end and says so.
        var late = await maya.SubmitAsync(other.Compose, ("text", "Fifth"), ("nonce", new string('n', 20)));
        Assert.Contains("notice=moved", late.Location, StringComparison.Ordinal);
        await maya.LastAnswerAsync(chat);
        Assert.Equal(8, (await maya.GetAsync(chat)).Bodies.Count);
    }

    [Fact]
    public async Task A_failed_answer_counts_for_nothing_among_the_others_and_hides_none_of_them()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=10");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await ConversationAsync(app, maya, "First");
        var ids = (await maya.GetAsync(chat)).Ids;
        app.OpenAI.WillFail(401);

        await maya.ActAsync(chat, ids[1], "regenerate");
        await maya.LastAnswerAsync(chat);
        // Once more: the page that saw it fail may have counted the others before.
        var failed = (await maya.GetAsync(chat)).Answers[^1];
        Assert.Equal("failed", failed.State());
        Assert.Equal("1 other", failed.Place());
        var first = await maya.GetAsync(failed.Arrow("prev")!);
        Assert.Equal(["First", "Answer to First"], first.Bodies);
        Assert.Null(first.Answers[0].Place());

        // The chat goes on under the failed one; a retry of it takes its place, and what came after stays reachable.
        app.OpenAI.WillAnswer("Answer to Second");
        await maya.SayAsync(chat, "Second");
        await maya.LastAnswerAsync(chat);
        var went = await maya.GetAsync(chat);
        Assert.Null(went.Article(failed.MessageId()).Place());
        Assert.Equal("2 of 2", went.Questions[1].Place());
        app.OpenAI.WillAnswer("At last");
        await maya.ActAsync(chat, failed.MessageId(), "regenerate");
        await maya.LastAnswerAsync(chat);
        var retried = await maya.GetAsync(chat);
        Assert.Equal(["First", "At last"], retried.Bodies);
        Assert.Equal("3 of 3", retried.Answers[0].Place());
        Assert.Equal(["First", "", "Second", "Answer to Second"], (await maya.GetAsync(retried.Answers[0].Arrow("prev")!)).Bodies);
    }

    [Fact]
    public async Task An_answer_that_was_stopped_goes_on_where_it_broke_off()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "One two three four five six.", HangAfterTokens = 3, FirstTokenDelayMs = 0, TokenDelayMs = 0, Times = 1 };
        var chat = await maya.StartChatAsync("Count");
        await Rooms.EventuallyAsync(async () => (await maya.GetAsync(chat)).Answers[0].Body().StartsWith("One two", StringComparison.Ordinal), "it has begun");
        await maya.SubmitAsync((await maya.GetAsync(chat)).Answers[0].Form("stop"));
        var stopped = await maya.LastAnswerAsync(chat);
        var earlier = (await app.MessagesAsync())[1].Text!;
        var released = app.OpenAI.WillHoldAfter(0);
        using var follower = await RoomFollower.OpenAsync(maya, chat);

        Assert.Equal(303, (await maya.ActAsync(chat, stopped.MessageId(), "continue")).Status);
        await follower.UntilAsync(f => f.State == "streaming");
        Assert.StartsWith(earlier.Trim(), (await maya.GetAsync(chat)).Answers[0].Body(), StringComparison.Ordinal);
        Assert.StartsWith(earlier.Trim(), follower.Body, StringComparison.Ordinal);
        released.SetResult();
        await follower.UntilAsync(f => f.State == "done");

        var whole = (await app.MessagesAsync())[2];
        Assert.Equal((stopped.MessageId(), true), (whole.ContinuesId!.Value, whole.Text!.Length > earlier.Length));
        Assert.StartsWith(earlier, whole.Text, StringComparison.Ordinal);
        var prompt = app.LastPrompt();
        Assert.Equal([("user", "Count"), ("assistant", earlier)], prompt.Take(2));
        Assert.Equal((3, "user"), (prompt.Count, prompt[2].Role));
        var room = await maya.GetAsync(chat);
        Assert.Equal("2 of 2", room.Answers[0].Place());
        Assert.Equal(3, room.Left);
        Assert.Equal(RoomFollower.Articles(room.Document), RoomFollower.Articles(follower.Page));
        Assert.Equal(stopped.Body(), (await maya.GetAsync(room.Answers[0].Arrow("prev")!)).Answers[0].Body());
        // What is whole cannot be gone on with.
        Assert.Null((await maya.MessagePageAsync(chat, whole.Id)).Document.QuerySelector("form[action$='/continue']"));
    }

    [Fact]
    public async Task An_answer_that_is_continued_and_stopped_before_its_turn_keeps_the_earlier_text()
    {
        await using var app = await TestApp.StartAsync("Limits:ConcurrentAnswers=1");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "One two three four five six.", FinishReason = "length", FirstTokenDelayMs = 0, TokenDelayMs = 0, Times = 1, Kind = SteeredKind.Answer };
        var chat = await maya.StartChatAsync("Count");
        var cut = await maya.LastAnswerAsync(chat);
        app.OpenAI.Behaviour = new() { HangAfterTokens = 0 };
        await maya.AnswerInStateAsync(await maya.StartChatAsync("Elsewhere"), "streaming");

        await maya.ActAsync(chat, cut.MessageId(), "continue");
        var waiting = await maya.AnswerInStateAsync(chat, "queued");
        Assert.Equal(cut.Body(), waiting.Body());
        await maya.SubmitAsync(waiting.Form("stop"));

        Assert.Equal("One two three four five six.", (await app.MessagesAsync())[^1].Text);
        Assert.Equal("stopped", (await maya.LastAnswerAsync(chat)).State());
    }

    [Fact]
    public async Task What_a_continued_answer_took_is_counted_without_its_earlier_text()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var words = string.Join(' ', Enumerable.Repeat("word", 400));
        app.OpenAI.Behaviour = new() { Text = words, FinishReason = "length", FirstTokenDelayMs = 0, TokenDelayMs = 0, Times = 1, Kind = SteeredKind.Answer };
        var chat = await maya.StartChatAsync("Count");
        var cut = await maya.LastAnswerAsync(chat);
        app.OpenAI.Behaviour = new() { Text = " and the end.", WithoutUsage = true, FirstTokenDelayMs = 0, TokenDelayMs = 0 };

        await maya.ActAsync(chat, cut.MessageId(), "continue");
        await maya.LastAnswerAsync(chat);

        Assert.Equal($"{words} and the end.", (await app.MessagesAsync())[^1].Text);
        var request = (await app.AnswerRequestsAsync())[^1];
        Assert.True(request.IsEstimate);
        Assert.InRange(request.CompletionTokens!.Value, 1, 10);
        Assert.InRange(request.PromptTokens!.Value, 400, 1000);
    }

    [Fact]
    public async Task An_answer_that_was_cut_at_its_length_is_gone_on_with_by_a_button_under_it()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "One two", FinishReason = "length", FirstTokenDelayMs = 0, TokenDelayMs = 0, Times = 1, Kind = SteeredKind.Answer };
        var chat = await maya.StartChatAsync("Count");
        var cut = await maya.LastAnswerAsync(chat);
        app.OpenAI.WillAnswer(" three.");
        // Each device has a form of its own: what one was shown is of no use to another.
        using var phone = await app.SignInAsAsync("Maya");
        Assert.Single((await phone.MessagePageAsync(chat, cut.MessageId())).Document.QuerySelectorAll("form[action$='/continue']"));

        Assert.Equal(303, (await phone.SubmitAsync((await phone.LastAnswerAsync(chat)).Form("continue"))).Status);

        var whole = await phone.LastAnswerAsync(chat);
        Assert.Equal("One two three.", whole.Body());
        Assert.Null(whole.QuerySelector("form[action$='/continue']"));
    }

    [Fact]
    public async Task An_older_page_of_a_branch_that_was_left_says_so_and_leads_to_the_newest()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await ConversationAsync(app, maya, "First", "Second");
        var left = (await maya.GetAsync(chat)).Ids;
        app.OpenAI.WillAnswer("Answer to Other");
        await maya.ActAsync(chat, left[2], "edit", ("text", "Other"));
        await maya.LastAnswerAsync(chat);

        var older = await maya.GetAsync($"{chat}?before={left[3]}");
        Assert.Equal(["First", "Answer to First", "Second"], older.Bodies);
        Assert.Equal("This is another branch of the chat. Back to the newest", string.Join(' ', older.Notice("info")!.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(chat, older.Document.QuerySelector("[data-notice=info] a")!.GetAttribute("href"));

        // What both have in common is the shown one's.
        var common = await maya.GetAsync($"{chat}?before={left[2]}");
        Assert.Equal(["First", "Answer to First"], common.Bodies);
        Assert.Null(common.Notice("info"));
    }

    /// <summary>Questions in their order, each answered with "Answer to" it; returns the chat's path.</summary>
    internal static async Task<string> ConversationAsync(TestApp app, Visitor me, params string[] questions)
    {
        string? chat = null;
        foreach (var question in questions)
        {
            app.OpenAI.WillAnswer($"Answer to {question}");
            if (chat is null) chat = await me.StartChatAsync(question);
            else Assert.Equal(303, (await me.SayAsync(chat, question)).Status);
            await me.LastAnswerAsync(chat);
        }
        return Branches.RoomOf(chat!);
    }
}
