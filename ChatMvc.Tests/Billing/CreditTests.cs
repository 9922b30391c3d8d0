using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Tests.Chats;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing;

/// <summary>Prepaid credit pays once the free messages are used: held when a message is sent, settled when its answer ends.</summary>
public sealed class CreditTests
{
    // Of gpt-6-luna: $0.10 and $0.50 a million, a cache write $0.125.
    private static readonly Usd OneAnswer = new(1_000 / 10 + 100 / 2);

    [Fact]
    public async Task An_answer_on_credit_is_held_at_its_most_and_settled_at_what_it_took()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=0");
        using var maya = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 5);
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(1_000, 100), FirstTokenDelayMs = 0, TokenDelayMs = 0 };

        var chat = await maya.StartChatAsync("What does it cost?");
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());

        var rows = await app.LedgerAsync();
        Assert.Equal([LedgerKind.TopUp, LedgerKind.Hold, LedgerKind.Settle], rows.Select(r => r.Kind));
        Assert.True(-rows[1].Amount > OneAnswer, $"{rows[1].Amount} is held.");
        Assert.Equal(-OneAnswer, rows[1].Amount + rows[2].Amount);
        Assert.Equal(Usd.OfCents(500) - OneAnswer, await app.BalanceAsync("Maya"));
        var request = Assert.Single(await app.AnswerRequestsAsync());
        Assert.Equal((Payer.Credit, (long?)OneAnswer.Micros, (long?)OneAnswer.Micros), (request.Payer, request.CostMicros, request.ChargedMicros));
        Assert.False(request.IsEstimate);
        Assert.Contains("$4.99985 left", (await maya.GetAsync(chat)).Document.QuerySelector("#allowance")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_markup_is_the_persons_and_the_cost_the_operators()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=0", "Credit:Markup=1.333");
        using var maya = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 5);
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(1_001, 101), FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        await maya.LastAnswerAsync(await maya.StartChatAsync("What does it cost?"));

        var request = Assert.Single(await app.AnswerRequestsAsync());
        // 100.1 + 50.5 = 150.6 micro-dollars, each account rounded up once: not 151 × 1.333.
        Assert.Equal((151L, 201L), (request.CostMicros!.Value, request.ChargedMicros!.Value));
        Assert.Equal(Usd.OfCents(500) - new Usd(201), await app.BalanceAsync("Maya"));
    }

    [Fact]
    public async Task Nothing_is_charged_beyond_the_hold()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=0");
        using var maya = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 5);
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(1_000, 90_000_000), FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        await maya.LastAnswerAsync(await maya.StartChatAsync("What does it cost?"));

        var request = Assert.Single(await app.AnswerRequestsAsync());
        var hold = (await app.LedgerAsync()).Single(e => e.Kind == LedgerKind.Hold);
        Assert.Equal(-hold.AmountMicros, request.ChargedMicros);
        Assert.Equal(45_000_100, request.CostMicros);
    }

    [Fact]
    public async Task A_failed_answer_and_one_stopped_while_it_waits_cost_nothing()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=0", "Limits:ConcurrentAnswers=1");
        using var maya = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 5);
        app.OpenAI.Behaviour = new() { Text = "Half of an answer that breaks.", CutAfterTokens = 2, FirstTokenDelayMs = 0, TokenDelayMs = 0, Times = 1 };
        var chat = await maya.StartChatAsync("Break, please");
        Assert.Equal("failed", (await maya.LastAnswerAsync(chat)).State());
        Assert.Equal(Usd.OfCents(500), await app.BalanceAsync("Maya"));

        app.OpenAI.WillAnswer("Here it is.");
        app.OpenAI.WillHangAfter(2);
        var running = await maya.StartChatAsync("Hang, please");
        await maya.AnswerInStateAsync(running, "streaming");
        var waiting = await maya.StartChatAsync("Wait, please");
        await maya.SubmitAsync((await maya.AnswerInStateAsync(waiting, "queued")).Form("stop"));
        Assert.Equal("stopped", (await maya.LastAnswerAsync(waiting)).State());

        var rows = await app.LedgerAsync();
        Assert.Equal(3, rows.Count(r => r.Kind == LedgerKind.Hold));
        Assert.Equal(2, rows.Count(r => r.Kind == LedgerKind.Release));
        var failed = (await app.AnswerRequestsAsync())[0];
        // The upstream bills what it sent before it broke: the operator's affair, by our own count.
        Assert.Equal((Payer.Operator, true), (failed.Payer, failed.IsEstimate));
        Assert.True(failed.CostMicros > 0);
    }

    [Fact]
    public async Task An_answer_stopped_half_way_is_charged_for_what_was_written_by_our_own_count()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=0");
        using var maya = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 5);
        app.OpenAI.WillAnswer(string.Concat(Enumerable.Repeat("words of an answer ", 40)));
        app.OpenAI.WillHangAfter(100);
        var chat = await maya.StartChatAsync("Hang, please");
        var answer = await maya.AnswerInStateAsync(chat, "streaming");
        await Rooms.EventuallyAsync(async () => (await maya.GetAsync(chat)).Answers[0].TextContent.Contains("answer", StringComparison.Ordinal), "some of it is there");
        await maya.SubmitAsync(answer.Form("stop"));
        Assert.Equal("stopped", (await maya.LastAnswerAsync(chat)).State());

        var request = Assert.Single(await app.AnswerRequestsAsync());
        Assert.True(request.IsEstimate);
        Assert.InRange(request.CompletionTokens!.Value, 50, 200);
        Assert.Equal(Usd.OfCents(500) - new Usd(request.ChargedMicros!.Value), await app.BalanceAsync("Maya"));
        var chatRow = await app.ReadAsync(db => db.Chats.SingleAsync());
        Assert.Equal((request.ChargedMicros.Value, 1, 0), (chatRow.CostMicros, chatRow.EstimatedCosts, chatRow.UnknownCosts));
    }

    [Fact]
    public async Task An_answer_is_cut_to_what_the_credit_covers_and_refused_when_that_is_too_short()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=0", "OpenAI:DefaultModel=gpt-6-sol");
        using var maya = await app.SignInAsAsync("Maya");
        // Of gpt-6-sol: $10 a million out. 300 tokens cost $0.003, and the question hardly anything.
        await app.CreditAsync("Maya", 0.0032m);
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(10, 3), FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("Short?");
        await maya.LastAnswerAsync(chat);

        Assert.InRange((await app.MessagesAsync())[1].MaxAnswerTokens!.Value, 256, 320);
        Assert.Contains($"\"max_completion_tokens\":{(await app.MessagesAsync())[1].MaxAnswerTokens}", app.LastHeard(), StringComparison.Ordinal);

        await app.CreditAsync("Maya", 0.0025m - (await app.BalanceAsync("Maya")).Dollars);
        var refused = await maya.SayAsync(chat, "And now <b>this</b>?");
        Assert.Equal(429, refused.Status);
        Assert.StartsWith("Your credit of $0.0025 does not cover this message: even a short answer may cost $0.0026", refused.Notice("limit"), StringComparison.Ordinal);
        Assert.Equal("And now <b>this</b>?", refused.Typed);
        Assert.Equal(1, app.OpenAI.Calls.Answers);
    }

    [Fact]
    public async Task Fifty_sends_at_once_with_credit_for_one_are_one_send()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=0", "RateLimits:Enabled=false", "Limits:QueuedAnswers=100", "OpenAI:MaxAnswerTokens=256");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(10, 256), FirstTokenDelayMs = 300, TokenDelayMs = 0 };
        // A first one, to learn what it holds.
        await app.CreditAsync("Maya", 1);
        await maya.LastAnswerAsync(await maya.StartChatAsync("Post 00"));
        var hold = -(await app.LedgerAsync()).Single(e => e.Kind == LedgerKind.Hold).Amount;
        await app.CreditAsync("Maya", (hold - await app.BalanceAsync("Maya")).Dollars);
        Assert.Equal(hold, await app.BalanceAsync("Maya"));
        var form = (await maya.GetAsync("/chats")).Compose;

        var answers = await Task.WhenAll(Enumerable.Range(1, 50).Select(i =>
            maya.SubmitAsync(form, ("text", $"Post {i:00}"), ("nonce", $"one-of-fifty-posts-{i:00}"))));

        Assert.Equal((1, 49), (answers.Count(a => a.Status == 303), answers.Count(a => a.Status == 429)));
        await Rooms.EventuallyAsync(async () => !await app.ReadAsync(db => db.Messages.Unfinished().AnyAsync()), "all answers are terminal");
        Assert.Equal(2, app.OpenAI.Calls.Answers);
        Assert.All(await app.LedgerAsync(), row => Assert.True(row.BalanceMicros >= 0));
    }

    [Fact]
    public async Task Credit_may_not_pay_for_a_model_whose_price_nobody_knows()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=1", "OpenAI:Models=gpt-6-luna,house-model", "OpenAI:BasicModels=gpt-6-luna");
        using var maya = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 5);

        var refused = await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "One"), ("model", "house-model"));

        Assert.Equal(429, refused.Status);
        Assert.StartsWith("house-model is not part of the free allowance, and credit cannot pay for it", refused.Notice("limit"), StringComparison.Ordinal);
        Assert.Empty(app.AnswerCalls());
    }

    [Fact]
    public async Task The_allowance_pays_before_credit_does()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=1");
        using var maya = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 5);
        app.OpenAI.WillAnswer("Here it is.");
        Assert.StartsWith("1 of 1 free message left.", (await maya.GetAsync("/chats")).Document.QuerySelector("#allowance")!.TextContent.Trim(), StringComparison.Ordinal);
        var chat = await maya.StartChatAsync("One");
        await maya.LastAnswerAsync(chat);
        Assert.Equal(Usd.OfCents(500), await app.BalanceAsync("Maya"));
        Assert.Contains("Your credit pays now", (await maya.GetAsync(chat)).Document.QuerySelector("#allowance")!.TextContent, StringComparison.Ordinal);

        await maya.SayAsync(chat, "Two");
        await maya.LastAnswerAsync(chat);

        Assert.Equal([Payer.Allowance, Payer.Credit], (await app.AnswerRequestsAsync()).Select(r => r.Payer));
        Assert.True(await app.BalanceAsync("Maya") < Usd.OfCents(500));
    }

    [Fact]
    public async Task The_books_cannot_be_changed_afterwards()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 5);

        var changed = await Assert.ThrowsAsync<SqliteException>(() => app.SqlAsync("UPDATE LedgerEntries SET AmountMicros = 1"));
        var removed = await Assert.ThrowsAsync<SqliteException>(() => app.SqlAsync("DELETE FROM LedgerEntries"));

        Assert.All([changed, removed], e => Assert.Contains("only added to", e.Message, StringComparison.Ordinal));
        Assert.Equal(Usd.OfCents(500), await app.BalanceAsync("Maya"));
    }
}
