using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Chats;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Completions;

/// <summary>A summary says no more than what stands in the room.</summary>
public sealed class ForgottenSummaryTests : IAsyncLifetime
{
    private const string InShort = "In short: bread was asked for.";
    private TestApp app = null!;
    private Visitor maya = null!;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync("Limits:BasicMessages=20");
        maya = await app.SignInAsAsync("Maya");
    }

    public async Task DisposeAsync()
    {
        maya.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task When_a_message_that_it_covers_is_deleted_it_is_neither_sent_nor_shown_any_more()
    {
        var chat = await BranchTests.ConversationAsync(app, maya, "First", "Second", "Third");
        await SummarizeAsync(answer: 1);
        var before = await maya.GetAsync(chat);
        Assert.Equal(InShort, Assert.Single(before.Document.QuerySelectorAll(".summary-text")).TextContent);
        Assert.Contains(InShort, (await SentAsync(chat))[0], StringComparison.Ordinal);
        using var follower = await RoomFollower.OpenAsync(maya, chat);

        var gone = await maya.ActAsync(chat, before.Ids[0], "delete");

        var after = await maya.GetAsync(chat);
        Assert.Empty(after.Document.QuerySelectorAll(".summary-text"));
        await follower.UntilShowsAsync(after);
        await AssertSentAsync(chat, "Fourth", "Answer to First", "Second", "Answer to Second", "Third", "Answer to Third", "Fourth");

        await maya.SubmitAsync((await maya.GetAsync(gone.Location!)).Document.QuerySelector<IHtmlFormElement>("form.undo")!);
        await AssertSentAsync(chat, "Fifth", "First", "Answer to First", "Second", "Answer to Second", "Third", "Answer to Third", "Fourth", "Answer to Fourth", "Fifth");
        Assert.Empty((await maya.GetAsync(chat)).Document.QuerySelectorAll(".summary-text"));
    }

    [Fact]
    public async Task One_that_is_deleted_below_it_changes_nothing_of_it()
    {
        var chat = await BranchTests.ConversationAsync(app, maya, "First", "Second");
        await SummarizeAsync(answer: 1);
        await maya.ActAsync(chat, (await maya.GetAsync(chat)).Ids[3], "delete");
        await AssertSentAsync(chat, "Third", "Earlier in this conversation, in short:\n" + InShort, "Second", "Third");
        Assert.Single((await maya.GetAsync(chat)).Document.QuerySelectorAll(".summary-text"));
    }

    [Fact]
    public async Task A_message_that_comes_back_is_sent_again_also_when_it_was_summarised_without_it_meanwhile()
    {
        var chat = await BranchTests.ConversationAsync(app, maya, "First", "Second");
        var gone = await maya.ActAsync(chat, (await maya.GetAsync(chat)).Ids[0], "delete");
        await SummarizeAsync(answer: 1);
        Assert.Single((await maya.GetAsync(chat)).Document.QuerySelectorAll(".summary-text"));

        await maya.SubmitAsync((await maya.GetAsync(gone.Location!)).Document.QuerySelector<IHtmlFormElement>("form.undo")!);

        Assert.Empty((await maya.GetAsync(chat)).Document.QuerySelectorAll(".summary-text"));
        await AssertSentAsync(chat, "Third", "First", "Answer to First", "Second", "Answer to Second", "Third");
    }

    // As the job leaves it.
    private Task<bool> SummarizeAsync(int answer) => app.ReadAsync(db => db.WriteAsync(async () =>
    {
        var upTo = await db.Messages.Include(m => m.Chat).Where(m => m.Role == Role.Assistant).OrderBy(m => m.Id).Skip(answer - 1).FirstAsync();
        db.Summaries.Add(new Summary(upTo, InShort, 40, app.Time.GetUtcNow()));
        upTo.Chat.NextRevision();
        foreach (var next in await db.Messages.Where(m => m.ParentId == upTo.Id).ToListAsync()) next.Touch(upTo.Chat);
        return true;
    }));

    private async Task<List<string>> SentAsync(string chat, string? text = null)
    {
        var page = await maya.GetAsync($"{chat}/preview");
        if (text is not null) page = await maya.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("form.context-form")!, ("text", text));
        return [.. page.Document.QuerySelectorAll(".sent-text").Select(t => t.TextContent)];
    }

    private async Task AssertSentAsync(string chat, string question, params string[] turns)
    {
        Assert.Equal(turns, await SentAsync(chat, question));
        app.OpenAI.WillAnswer($"Answer to {question}");
        Assert.Equal(303, (await maya.SayAsync(chat, question)).Status);
        await maya.LastAnswerAsync(chat);
        Assert.Equal(turns, app.LastPrompt().Select(turn => turn.Text));
    }
}
