using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using ChatMvc.Chats;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing;

/// <summary>Whoever sends everything at once gets what the allowance holds and no more.</summary>
public sealed class RaceTests
{
    private const int Posts = 50;
    private const int Free = 5;
    private const int Rounds = 100;

    [Fact]
    public async Task Fifty_posts_at_once_with_five_left_take_five_in_each_of_a_hundred_rounds()
    {
        await using var app = await TestApp.StartAsync("RateLimits:Enabled=false", "Limits:QueuedAnswers=10000", "Limits:ConcurrentAnswers=20");
        app.OpenAI.WillAnswer("Here it is.");
        using var maya = await app.SignInAsAsync("Maya");
        var room = await maya.StartChatAsync("The first");
        await maya.LastAnswerAsync(room);
        var (start, inRoom) = ((await maya.GetAsync("/chats")).Compose, (await maya.GetAsync(room)).Compose);

        for (var round = 0; round < Rounds; round++)
        {
            await app.SqlAsync("DELETE FROM AllowanceUses");
            var stored = await CountAsync(app);
            // New chats, one room, and both; with scripts, and every tenth round without.
            var posts = await Task.WhenAll(Enumerable.Range(0, Posts).Select(i => PostAsync(
                maya, (round + i * (round % 3)) % 2 == 0 ? start : inRoom, $"Round {round}, post {i}", $"round-{round:000}-of-post-{i:000}", byHtmx: round % 10 != 0)));

            var taken = posts.Where(p => p.Answer.Status is 200 or 303).ToList();
            var refused = posts.Where(p => p.Answer.Status == 429).ToList();
            Assert.Equal((Free, Posts - Free), (taken.Count, refused.Count));
            foreach (var (text, answer) in refused)
            {
                // A fragment holds the same message box as the page does.
                var box = new HtmlParser().ParseDocument(answer.Text.Replace("hx-partial", "div", StringComparison.Ordinal));
                Assert.Equal(text, box.QuerySelector<IHtmlTextAreaElement>("form#compose textarea")!.TextContent);
                Assert.NotNull(box.QuerySelector("[data-notice=limit]"));
            }
            Assert.Equal(stored + 2 * Free, await CountAsync(app));
            Assert.Equal(Free, await app.ReadAsync(db => db.AllowanceUses.CountAsync()));
        }

        // And each that was taken is answered, once.
        await Rooms.EventuallyAsync(async () => !await app.ReadAsync(db => db.Messages.Unfinished().AnyAsync()), "all answers are terminal");
        var messages = await app.MessagesAsync();
        Assert.Equal(2 * (1 + Rounds * Free), messages.Count);
        Assert.All(messages, m => Assert.Equal(MessageState.Done, m.State));
        Assert.Equal(1 + Rounds * Free, app.OpenAI.Calls.Answers);
        Assert.Equal("ok", await app.IntegrityAsync());
    }

    [Fact]
    public async Task One_form_posted_twenty_times_at_once_makes_one_message()
    {
        await using var app = await TestApp.StartAsync();
        app.OpenAI.WillAnswer("Here it is.");
        using var maya = await app.SignInAsAsync("Maya");
        var start = (await maya.GetAsync("/chats")).Compose;

        var started = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => maya.SubmitAsync(start, ("text", "One question"))));

        Assert.All(started, s => Assert.Equal(303, s.Status));
        var chat = Assert.Single(started.Select(s => s.Location).Distinct())!;
        Assert.Equal(2, await CountAsync(app));
        Assert.Equal(4, (await maya.GetAsync(chat)).Left);
        await maya.LastAnswerAsync(chat);
        var form = (await maya.GetAsync(chat)).Compose;

        var said = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0
            ? maya.SubmitAsync(form, ("text", "Another question")) : maya.SubmitByHtmxAsync(form, ("text", "Another question"))));

        Assert.Equal([200, 303], said.Select(s => s.Status).Distinct().Order());
        Assert.Equal(4, await CountAsync(app));
        Assert.Equal(3, (await maya.GetAsync(chat)).Left);
        // Also later, by the back button, when the allowance is gone.
        await maya.LastAnswerAsync(chat);
        await app.SqlAsync("UPDATE AllowanceUses SET AnswerId = AnswerId + 1000");
        await app.SqlAsync("INSERT INTO AllowanceUses (UserId, AnswerId, TakenAt) SELECT UserId, AnswerId + 1000, TakenAt FROM AllowanceUses UNION ALL SELECT UserId, AnswerId + 2000, TakenAt FROM AllowanceUses");
        Assert.Equal(429, (await maya.SayAsync(chat, "Too much")).Status);
        Assert.Equal(303, (await maya.SubmitAsync(form, ("text", "Another question"))).Status);
        Assert.Equal(4, await CountAsync(app));
        Assert.Equal(2, app.OpenAI.Calls.Answers);
    }

    [Fact]
    public async Task One_retry_pressed_twenty_times_at_once_asks_once()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillFail(401);
        var chat = await maya.StartChatAsync("One question");
        var failed = await maya.LastAnswerAsync(chat);
        app.OpenAI.Behaviour = new() { Text = "Here it is.", FirstTokenDelayMs = 1500, TokenDelayMs = 0 };

        var pressed = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => maya.SubmitAsync(failed.Form("regenerate"))));

        Assert.All(pressed, p => Assert.Equal(303, p.Status));
        Assert.Single(pressed.Select(p => p.Location).Distinct());
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());
        Assert.Equal(3, await CountAsync(app));
        Assert.Equal(4, (await maya.GetAsync(chat)).Left);
        Assert.Equal(2, app.OpenAI.Calls.Answers);
    }

    private static async Task<(string Text, Answer Answer)> PostAsync(Visitor visitor, IHtmlFormElement form, string text, string nonce, bool byHtmx) =>
        (text, byHtmx ? await visitor.SubmitByHtmxAsync(form, ("text", text), ("nonce", nonce)) : await visitor.SubmitAsync(form, ("text", text), ("nonce", nonce)));

    private static Task<int> CountAsync(TestApp app) => app.ReadAsync(db => db.Messages.CountAsync());
}
