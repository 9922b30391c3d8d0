using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing;

/// <summary>Beyond the operator's ceilings and the person's own budget nothing is sent upstream.</summary>
public sealed class CeilingTests
{
    private const string Text = "Send this too";

    [Theory]
    [InlineData("Ceilings:PersonPerDay", "What one person may spend here in a day is spent.")]
    [InlineData("Ceilings:ServerPerDay", "What this server may spend in a day is spent.")]
    public async Task A_ceiling_refuses_before_the_upstream_hears_of_it(string ceiling, string words)
    {
        // Room for one answer that takes 1,000 tokens: $0.0005 of $0.0006.
        await using var app = await TestApp.StartAsync($"{ceiling}=0.0006", "OpenAI:MaxAnswerTokens=1000");
        using var maya = await app.SignInAsAsync("Maya");
        using var ben = await app.SignInAsAsync("Ben");
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(10, 1_000), FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("One");
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());

        var refused = await maya.SayAsync(chat, Text);

        Assert.Equal((429, Text), (refused.Status, refused.Typed));
        Assert.StartsWith(words, refused.Notice("error"), StringComparison.Ordinal);
        Assert.Matches(@"Send this again (today|tomorrow) at \d\d:\d\d\.", refused.Notice("error"));
        Assert.Equal((1, 2, 4), (app.OpenAI.Calls.Answers, (await app.MessagesAsync()).Count, refused.Left));
        var other = await ben.SubmitAsync((await ben.GetAsync("/chats")).Compose, ("text", "I too"));
        Assert.Equal(ceiling.Contains("Person", StringComparison.Ordinal) ? 303 : 429, other.Status);

        app.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(303, (await maya.SayAsync(chat, Text)).Status);
    }

    [Fact]
    public async Task What_is_under_way_counts_at_its_most()
    {
        await using var app = await TestApp.StartAsync("Ceilings:PersonPerDay=0.0011", "OpenAI:MaxAnswerTokens=1000", "Limits:ConcurrentAnswers=1");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Here it is.");
        app.OpenAI.WillHangAfter(1);
        // One is written, one waits: $0.0005 each and a little more.
        var rooms = new[] { await maya.StartChatAsync("One"), await maya.StartChatAsync("Two") };
        await maya.AnswerInStateAsync(rooms[0], "streaming");

        var refused = await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", Text));
        Assert.Equal(429, refused.Status);

        await maya.SubmitAsync((await maya.AnswerInStateAsync(rooms[1], "queued")).Form("stop"));
        Assert.Equal(303, (await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", Text))).Status);
    }

    [Fact]
    public async Task A_used_budget_stops_until_it_is_raised()
    {
        await using var app = await TestApp.StartAsync("Billing:Provider=none", "SignUp:Mode=open", "OpenAI:MaxAnswerTokens=1000");
        using var maya = await app.SignInAsAsync("Maya");
        await app.SqlAsync("UPDATE Users SET MonthlyBudgetMicros = 600");
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(10, 1_000), FirstTokenDelayMs = 0, TokenDelayMs = 0, Kind = ChatMvc.Sandbox.SteeredKind.Answer };
        var chat = await maya.StartChatAsync("One");
        await maya.LastAnswerAsync(chat);

        var refused = await maya.SayAsync(chat, Text);

        Assert.Equal((429, Text), (refused.Status, refused.Typed));
        Assert.StartsWith("Your budget of $0.0006 for this month does not cover this message", refused.Notice("error"), StringComparison.Ordinal);
        Assert.Equal("/usage", refused.Document.QuerySelector("[data-notice=error] a")!.GetAttribute("href"));
        Assert.Equal(1, app.OpenAI.Calls.Answers);
        await app.SqlAsync("UPDATE Users SET MonthlyBudgetMicros = 5000000");
        Assert.Equal(303, (await maya.SayAsync(chat, Text)).Status);
    }

    [Fact]
    public async Task A_title_is_not_worth_a_ceiling()
    {
        // The answer fits, a title beside it does not.
        await using var app = await TestApp.StartAsync("Ceilings:ServerPerDay=0.0006", "OpenAI:MaxAnswerTokens=1000");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(10, 1_000), FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        await maya.LastAnswerAsync(await maya.StartChatAsync("One"));
        await Task.Delay(500);

        Assert.Equal(0, await app.ReadAsync(db => db.Completions.CountAsync(c => c.Kind == ChatMvc.Completions.CompletionKind.Title)));
    }
}
