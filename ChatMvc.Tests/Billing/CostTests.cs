using ChatMvc.Completions;
using ChatMvc.Completions.Models;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing;

/// <summary>What a request cost upstream: by its usage and the catalogue's price of the day, or by our own count, marked.</summary>
public sealed class CostTests
{
    [Theory]
    // gpt-6-sol: 2 in, 0.20 cached, 2.50 written, 10 out.
    [InlineData("gpt-6-sol", 1_000, 400, 300, 50, 300 * 2 + 400 * 0.2 + 300 * 2.5 + 50 * 10)]
    // Beyond 272,000 tokens the whole request costs twice the input and 1.5 times the output.
    [InlineData("gpt-6-sol", 272_000, 0, 0, 100, 272_000 * 2 + 100 * 10)]
    [InlineData("gpt-6-sol", 272_001, 0, 0, 100, 272_001 * 4 + 100 * 15)]
    // Parts that exceed the whole are cut to it.
    [InlineData("gpt-6-sol", 100, 500, 500, 10, 100 * 0.2 + 10 * 10)]
    [InlineData("gpt-4o-mini", 1_000, 0, 0, 1_000, 150 + 600)]
    public async Task Usage_times_the_catalogues_price(string model, int prompt, int cached, int written, int answer, double micros)
    {
        await using var app = await TestApp.StartAsync($"OpenAI:Models={model}");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(prompt, answer, cached, written, ReasoningTokens: 7), FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        await maya.LastAnswerAsync(await maya.StartChatAsync("What does it cost?"));

        var request = Assert.Single(await app.AnswerRequestsAsync());
        Assert.Equal((long)Math.Ceiling(micros), request.CostMicros);
        Assert.Equal((prompt, answer, Math.Min(7, answer)), ((int)request.PromptTokens!, (int)request.CompletionTokens!, (int)request.ReasoningTokens!));
        Assert.False(request.IsEstimate);
        Assert.Null(request.ChargedMicros);
    }

    [Fact]
    public async Task A_model_that_the_catalogue_does_not_know_has_no_cost_and_not_zero()
    {
        var catalogue = Path.GetTempFileName();
        await File.WriteAllTextAsync(catalogue, """[{ "id": "gpt-4o-mini", "kind": "chat", "window": 8192, "maxOutput": 4096 }]""");
        await using var app = await TestApp.StartAsync("OpenAI:Models=gpt-4o-mini", $"Models:Catalog={catalogue}");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Here it is.");
        await maya.LastAnswerAsync(await maya.StartChatAsync("What does it cost?"));

        var request = Assert.Single(await app.AnswerRequestsAsync());
        Assert.Null(request.CostMicros);
        Assert.True(request.PromptTokens > 0);
        var chat = await app.ReadAsync(db => db.Chats.SingleAsync());
        Assert.Equal((0L, 1), (chat.CostMicros, chat.UnknownCosts));
    }

    [Fact]
    public async Task What_the_upstream_refused_cost_nothing_and_what_it_never_counted_is_an_estimate()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Status = 400, Times = 1 };
        var refused = await maya.StartChatAsync("Refuse");
        await maya.LastAnswerAsync(refused);
        app.OpenAI.Behaviour = new() { Text = "Twelve words of it.", WithoutUsage = true, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        await maya.LastAnswerAsync(await maya.StartChatAsync("Count nothing"));

        var requests = await app.AnswerRequestsAsync();
        Assert.Equal((0L, false), (requests[0].CostMicros!.Value, requests[0].IsEstimate));
        // A quarter of "Twelve words of it." and of the question with its frame, rounded up.
        Assert.Equal((5L, true), (requests[^1].CompletionTokens!.Value, requests[^1].IsEstimate));
        Assert.InRange(requests[^1].PromptTokens!.Value, 4, 12);
    }

    [Fact]
    public async Task The_days_sum_is_that_of_all_requests_titles_and_failures_included()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var ben = await app.SignInAsAsync("Ben");
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(1_000, 100), FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        foreach (var person in new[] { maya, ben }) await person.LastAnswerAsync(await person.StartChatAsync("What does it cost?"));
        app.OpenAI.Behaviour = new() { Text = "Half of it.", CutAfterTokens = 1, FirstTokenDelayMs = 0, TokenDelayMs = 0, Kind = ChatMvc.Sandbox.SteeredKind.Answer };
        await maya.LastAnswerAsync(await maya.StartChatAsync("Break"));
        await Rooms.EventuallyAsync(async () => !await app.ReadAsync(db => db.Completions.AnyAsync(c => c.FinishedAt == null)), "all requests have ended");

        var requests = await app.ReadAsync(db => db.Completions.AsNoTracking().ToListAsync());
        var sums = await app.ReadAsync(db => db.DailyCosts.AsNoTracking().ToListAsync());
        Assert.Contains(requests, r => r.Kind == CompletionKind.Title);
        Assert.Equal(requests.Sum(r => r.CostMicros), sums.Where(s => s.UserId == 0).Sum(s => s.Micros));
        foreach (var person in requests.GroupBy(r => r.UserId))
            Assert.Equal(person.Sum(r => r.CostMicros), sums.Where(s => s.UserId == person.Key).Sum(s => s.Micros));
    }

    [Fact]
    public void A_price_holds_from_its_day_until_the_next()
    {
        var entry = new ModelEntry
        {
            Prices =
            [
                new(new(2026, 9, 1), 2, 1, 2, 4, null),
                new(new(2026, 3, 1), 1, 1, 1, 2, null),
            ],
        };
        Assert.Null(entry.PriceOn(new(2026, 2, 28)));
        Assert.Equal(1, entry.PriceOn(new(2026, 3, 1))!.Input);
        Assert.Equal(1, entry.PriceOn(new(2026, 8, 31))!.Input);
        Assert.Equal(2, entry.PriceOn(new(2026, 9, 1))!.Input);
    }
}
