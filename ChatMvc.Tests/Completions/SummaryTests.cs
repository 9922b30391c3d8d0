using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Completions;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Completions;

/// <summary>A history that outgrows its budget goes on in short: once for each part, on the operator's account, never in an answer's way.</summary>
public sealed class SummaryTests : IAsyncLifetime
{
    private const string Frame = "Earlier in this conversation, in short:\n";
    private TestApp app = null!;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync("OpenAI:MaxPromptTokens=2400", "OpenAI:MaxAnswerTokens=500", "Limits:BasicMessages=100");
        app.OpenAI.WillAnswer("An answer of some length. " + new string('a', 400));
    }

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Older_turns_are_summarised_once_and_the_summary_goes_in_their_place()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await GrowAsync(maya, 4);
        Assert.Equal(0, app.OpenAI.Calls.Summaries);
        await SayAsync(maya, chat, 4);
        await SayAsync(maya, chat, 5);
        await SummariesAsync(1);

        var summary = await app.ReadAsync(db => db.Summaries.AsNoTracking().SingleAsync());
        await SayAsync(maya, chat, 6);
        var heard = PromptTests.MessagesOf(app.LastHeard());
        Assert.Equal(("system", Frame + summary.Text), heard[0]);
        Assert.Contains("Question 1", summary.Text, StringComparison.Ordinal);
        // Whole from the first question after it on, without a hole.
        var after = (await app.MessagesAsync()).Where(m => m.Id > summary.UpToId && m.Text!.Length > 0).Select(m => m.Text).ToList();
        Assert.Equal(after.SkipLast(1), heard.Skip(1).Select(m => m.Text));

        var room = await maya.GetAsync(chat);
        var mark = Assert.Single(room.Document.QuerySelectorAll(".message-summary"));
        Assert.Equal(summary.Text, mark.QuerySelector(".summary-text")!.TextContent);
        Assert.Equal(summary.UpToId + 1, mark.Closest("article")!.MessageId());
        var request = await app.ReadAsync(db => db.Completions.SingleAsync(c => c.Kind == CompletionKind.Summary));
        Assert.Equal((Payer.Operator, summary.UpToId, false), (request.Payer, request.MessageId, request.IsEstimate));
        Assert.True(request.CostMicros > 0);
    }

    [Fact]
    public async Task The_next_part_is_summarised_from_the_summary_and_what_came_since()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await GrowAsync(maya, 6);
        await SummariesAsync(1);
        var said = 6;
        while (await app.ReadAsync(db => db.Summaries.CountAsync()) < 2)
        {
            Assert.True(said < 20, "A second one came.");
            await SayAsync(maya, chat, said++);
            await IdleAsync();
        }
        var summaries = await app.ReadAsync(db => db.Summaries.AsNoTracking().OrderBy(s => s.Id).ToListAsync());
        var asked = app.OpenAI.Calls.Snapshot().Where(c => c.Kind == CallKind.Summary).Select(c => PromptTests.MessagesOf(System.Text.Encoding.UTF8.GetString(c.Body!))).ToList();
        Assert.Equal(2, asked.Count);
        Assert.Contains(Frame + summaries[0].Text, asked[1][0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(asked[1].Skip(1).SkipLast(1), m => m.Role == "user" && asked[0].Contains(m));
        await SayAsync(maya, chat, said);
        Assert.Equal(Frame + summaries[1].Text, PromptTests.MessagesOf(app.LastHeard())[0].Text);
    }

    [Fact]
    public async Task One_that_fails_or_hangs_is_in_nobodys_way_and_is_tried_with_the_next_answer()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Status = 500, Kind = SteeredKind.Summary, Times = 100, ErrorMessage = "the-upstreams-own-words" };
        var chat = await GrowAsync(maya, 6);
        await Rooms.EventuallyAsync(() => Task.FromResult(app.OpenAI.Calls.Summaries > 0), "it is asked for");
        await IdleAsync();
        Assert.Equal(0, await app.ReadAsync(db => db.Summaries.CountAsync()));
        app.OpenAI.Behaviour = new() { HangAfterTokens = 1, Kind = SteeredKind.Summary, Times = 1 };

        await SayAsync(maya, chat, 6);
        await Rooms.EventuallyAsync(() => Task.FromResult(app.OpenAI.Calls.Snapshot().Any(c => c is { Kind: CallKind.Summary, State: CallState.Hanging })), "it is asked for once more");
        var asked = app.OpenAI.Calls.Summaries;
        // It hangs, and the chat goes on: without what does not fit, and without a second request beside the first.
        await SayAsync(maya, chat, 7);
        await SayAsync(maya, chat, 8);
        Assert.Equal(asked, app.OpenAI.Calls.Summaries);
        Assert.DoesNotContain(PromptTests.MessagesOf(app.LastHeard()), m => m.Role == "system");
        Assert.Equal(0, await app.ReadAsync(db => db.Summaries.CountAsync()));
    }

    [Fact]
    public async Task A_crash_in_between_repeats_it_and_books_both()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await GrowAsync(maya, 6);
        await SummariesAsync(1);
        // As a crash leaves it: asked for, and neither ended nor stored.
        await app.SqlAsync("DELETE FROM Summaries; UPDATE Completions SET FinishedAt = NULL, Outcome = NULL WHERE Kind = 'Summary'");
        var newest = (await app.MessagesAsync())[^1].Id;

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => RunAsync(newest)));
        Assert.Equal(1, await app.ReadAsync(db => db.Summaries.CountAsync()));
        await RunAsync(newest);

        var requests = await app.ReadAsync(db => db.Completions.Where(c => c.Kind == CompletionKind.Summary).OrderBy(c => c.Id).ToListAsync());
        Assert.Equal([(1, "interrupted"), (2, "stop")], requests.Select(r => (r.Attempt, r.Outcome!)));
        Assert.Equal(1, await app.ReadAsync(db => db.Summaries.CountAsync()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_deleted_or_brought_back_while_it_is_written_is_not_told_wrongly(bool isUndone)
    {
        using var maya = await app.SignInAsAsync("Maya");
        var released = new TaskCompletionSource();
        app.OpenAI.Behaviour = new() { Kind = SteeredKind.Summary, Times = 100, BeforeToken = sent => sent == 1 ? released.Task : Task.CompletedTask };
        var chat = await GrowAsync(maya, 3);
        var first = (await maya.GetAsync(chat)).Ids[0];
        var gone = isUndone ? await maya.ActAsync(chat, first, "delete") : null;
        for (var i = 3; app.OpenAI.Calls.Summaries == 0; i++)
        {
            Assert.True(i < 20, "One is written.");
            await SayAsync(maya, chat, i);
            await Task.Delay(300);
        }

        if (gone is null) await maya.ActAsync(chat, first, "delete");
        else await maya.SubmitAsync((await maya.GetAsync(gone.Location!)).Document.QuerySelector<IHtmlFormElement>("form.undo")!);
        released.SetResult();
        await IdleAsync();

        Assert.Equal(0, await app.ReadAsync(db => db.Summaries.CountAsync()));
        Assert.True(await app.ReadAsync(db => db.Completions.AnyAsync(c => c.Kind == CompletionKind.Summary && c.Outcome == "stop")));
    }

    [Fact]
    public async Task It_is_not_worth_a_ceiling()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await GrowAsync(maya, 4);
        for (var i = 4; i < 6; i++)
        {
            // Enough is left for a question, half a thousandth of a dollar, and not for a summary, which may take twice that.
            await IdleAsync();
            await app.SqlAsync("UPDATE DailyCosts SET Micros = 4999300");
            await SayAsync(maya, chat, i);
        }
        await IdleAsync();
        Assert.Equal(0, await app.ReadAsync(db => db.Completions.CountAsync(c => c.Kind == CompletionKind.Summary)));
    }

    [Fact]
    public async Task Without_memory_nothing_is_summarised()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await GrowAsync(maya, 1);
        await maya.SubmitAsync(ContextTests.Settings(await maya.GetAsync(chat)), ("memory", "off"));
        for (var i = 1; i < 7; i++) await SayAsync(maya, chat, i);
        await IdleAsync();
        Assert.Equal(0, app.OpenAI.Calls.Summaries);
    }

    private async Task<string> GrowAsync(Visitor visitor, int exchanges)
    {
        var chat = await visitor.StartChatAsync(Question(0));
        await visitor.LastAnswerAsync(chat);
        for (var i = 1; i < exchanges; i++) await SayAsync(visitor, chat, i);
        return chat;
    }

    private static string Question(int i) => string.Create(CultureInfo.InvariantCulture, $"Question {i} about something {new string('q', 200)}");

    private static async Task SayAsync(Visitor visitor, string chat, int i)
    {
        Assert.Equal(303, (await visitor.SayAsync(chat, Question(i))).Status);
        Assert.Equal("done", (await visitor.LastAnswerAsync(chat)).State());
    }

    private Task SummariesAsync(int count) => Rooms.EventuallyAsync(() => app.ReadAsync(async db => await db.Summaries.CountAsync() == count), $"there are {count} summaries");

    // What was rung for has run: nothing says so but that nothing is under way any more.
    private async Task IdleAsync()
    {
        await Task.Delay(300);
        await Rooms.EventuallyAsync(() => app.ReadAsync(async db => !await db.Completions.AnyAsync(c => c.FinishedAt == null)), "nothing is under way");
    }

    private async Task RunAsync(long answer)
    {
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<SummaryJob>().RunAsync(answer.ToString(CultureInfo.InvariantCulture), CancellationToken.None);
    }
}
