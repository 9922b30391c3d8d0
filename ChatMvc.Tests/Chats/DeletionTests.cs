using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Sandbox;

namespace ChatMvc.Tests.Chats;

/// <summary>A message that is deleted is shown and sent no more, and comes back by one press.</summary>
public sealed class DeletionTests
{
    [Fact]
    public async Task A_deleted_message_is_out_of_the_room_and_of_the_prompt_until_it_is_brought_back()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=10");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await BranchTests.ConversationAsync(app, maya, "First", "Second");
        var before = await maya.GetAsync(chat);
        using var follower = await RoomFollower.OpenAsync(maya, chat);

        var gone = await maya.ActAsync(chat, before.Ids[1], "delete");
        Assert.Equal(303, gone.Status);
        await follower.UntilAsync(f => f.Article($"m-{before.Ids[1]}") is null);
        Assert.Contains(follower.Events, e => e.Name == "gone");

        var notice = await maya.GetAsync(gone.Location!);
        Assert.Equal(["First", "Second", "Answer to Second"], notice.Bodies);
        Assert.Equal(404, (await maya.MessagePageAsync(chat, before.Ids[1])).Status);
        Assert.Equal(404, (await maya.GetAsync($"{chat}?at={before.Ids[1]}")).Status);
        app.OpenAI.WillAnswer("Answer to Third");
        await maya.SayAsync(chat, "Third");
        await maya.LastAnswerAsync(chat);
        Assert.Equal(["First", "Second", "Answer to Second", "Third"], app.LastPrompt().Select(turn => turn.Text));

        Assert.Equal(303, (await maya.SubmitAsync(notice.Document.QuerySelector<IHtmlFormElement>("form.undo")!)).Status);
        var after = await maya.GetAsync(chat);
        Assert.Equal(["First", "Answer to First", "Second", "Answer to Second", "Third", "Answer to Third"], after.Bodies);
        await follower.UntilShowsAsync(after);
    }

    [Fact]
    public async Task When_the_end_of_the_branch_is_deleted_another_is_shown_and_undo_brings_the_first_back()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=10");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await BranchTests.ConversationAsync(app, maya, "First");
        app.OpenAI.WillAnswer("Another answer");
        await maya.ActAsync(chat, (await maya.GetAsync(chat)).Ids[1], "regenerate");
        await maya.LastAnswerAsync(chat);
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        Assert.Equal("2 of 2", follower.LastAnswer!.Place());

        var gone = await maya.ActAsync(chat, (await maya.GetAsync(chat)).Ids[1], "delete");
        await follower.UntilAsync(f => f.Body == "Answer to First");
        var notice = await maya.GetAsync(gone.Location!);
        Assert.Equal(["First", "Answer to First"], notice.Bodies);
        Assert.Null(notice.Answers[0].Place());
        await follower.UntilShowsAsync(notice);

        await maya.SubmitAsync(notice.Document.QuerySelector<IHtmlFormElement>("form.undo")!);
        await follower.UntilAsync(f => f.Body == "Another answer");
        var back = await maya.GetAsync(chat);
        Assert.Equal(["First", "Another answer"], back.Bodies);
        await follower.UntilShowsAsync(back);
    }

    [Fact]
    public async Task Arrows_of_a_followed_room_learn_of_a_sibling_that_is_deleted_fails_or_comes_back()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=10");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await BranchTests.ConversationAsync(app, maya, "First");
        var first = (await maya.GetAsync(chat)).Ids[1];
        await maya.ActAsync(chat, first, "regenerate");
        await maya.LastAnswerAsync(chat);
        using var follower = await RoomFollower.OpenAsync(maya, chat);

        var gone = await maya.ActAsync(chat, first, "delete");
        await follower.UntilAsync(f => f.LastAnswer!.Place() is null);
        await maya.SubmitAsync((await maya.GetAsync(gone.Location!)).Document.QuerySelector<IHtmlFormElement>("form.undo")!);
        await follower.UntilAsync(f => f.LastAnswer!.Place() == "2 of 2");

        // Another one is asked for, the first branch is gone on with, and then the other fails.
        var held = app.OpenAI.WillHoldAfter(1);
        app.OpenAI.Behaviour = app.OpenAI.Behaviour with { CutAfterTokens = 2, Times = 1, Text = "One two three four", Kind = SteeredKind.Answer };
        await maya.ActAsync(chat, first, "regenerate");
        await follower.UntilAsync(f => f.Body.StartsWith("One", StringComparison.Ordinal));
        app.OpenAI.WillAnswer("Fine");
        await maya.SubmitAsync((await maya.GetAsync($"{chat}?at={first}")).Compose, ("text", "On the first branch"));
        await follower.UntilAsync(f => f.Article($"m-{first}")?.Place() == "1 of 3");
        held.TrySetResult();
        await follower.UntilAsync(f => f.Article($"m-{first}")?.Place() == "1 of 2" && f.State == "done");
        await follower.UntilShowsAsync(await maya.GetAsync(chat));
    }

    [Fact]
    public async Task A_running_answer_that_is_deleted_is_stopped_first_and_an_empty_room_can_be_gone_on_with()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "Some words", HangAfterTokens = 1, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = Branches.RoomOf(await maya.StartChatAsync("First"));
        await maya.AnswerInStateAsync(chat, "streaming");
        var ids = (await maya.GetAsync(chat)).Ids;

        var gone = await maya.ActAsync(chat, ids[0], "delete");
        Assert.Equal("stopped", (await maya.GetAsync(chat)).Answers[0].State());
        await maya.ActAsync(chat, ids[1], "delete");
        Assert.Empty((await maya.GetAsync(chat)).Ids);
        app.OpenAI.WillAnswer("Answer to Second");
        Assert.Equal(303, (await maya.SayAsync(chat, "Second")).Status);
        await maya.LastAnswerAsync(chat);
        Assert.Equal([("user", "Second")], app.LastPrompt());

        // Brought back it stands beside what came meanwhile.
        await maya.SubmitAsync((await maya.GetAsync(gone.Location!)).Document.QuerySelector<IHtmlFormElement>("form.undo")!);
        Assert.Equal("2 of 2", (await maya.GetAsync(chat)).Questions[0].Place());
        Assert.Equal(["First"], (await maya.GetAsync($"{chat}?at={ids[0]}")).Bodies);
    }
}
