using ChatMvc.Completions;
using ChatMvc.Operators.Models;
using ChatMvc.Tests.Billing;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Operators.Models;

/// <summary>Whether a model answers: one short request, on the operator's account.</summary>
public sealed class TestCallTests : IAsyncLifetime
{
    private TestApp app = null!;
    private Visitor olga = null!;

    public async Task InitializeAsync()
    {
        app = await Ops.StartAsync();
        olga = await app.SignInAsOperatorAsync();
        app.OpenAI.Behaviour = new() { Text = "Hello", Usage = new(20, 2), FirstTokenDelayMs = 0, TokenDelayMs = 0 };
    }

    public async Task DisposeAsync()
    {
        olga.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    [FindsInAuditLog(typeof(ModelPageModel), nameof(ModelPageModel.OnPostTestAsync))]
    public async Task A_test_call_says_how_long_it_took_and_what_it_cost_and_is_on_the_books()
    {
        var made = await olga.TestAsync("gpt-6-luna");

        Assert.Equal(303, made.Status);
        var words = (await olga.GetAsync(made.Location!)).Notice("info")!;
        Assert.Matches(@"^gpt-6-luna answered: first word after \d+\.\d\d s, 20 tokens in and 2 out, \$0\.000003\.$", words);
        var deed = await app.LastDeedAsync();
        Assert.Equal(("test call", "model gpt-6-luna", null, words), deed.Said());
        var request = await app.ReadAsync(db => db.Completions.SingleAsync());
        Assert.Equal((CompletionKind.Test, Payer.Operator, "stop", 3), (request.Kind, request.Payer, request.Outcome, request.CostMicros));
        Assert.Equal("gpt-6-luna", Assert.Single(app.OpenAI.Calls.Snapshot()).Model);
        await olga.TestAsync("gpt-6-sol");
        Assert.Equal(2, await app.ReadAsync(db => db.Completions.CountAsync(c => c.FinishedAt != null)));
        Assert.Empty(BooksTests.Check(app));
        // Of no chat, and no message of theirs.
        Assert.DoesNotContain("gpt-6-luna", (await olga.GetAsync("/usage")).Document.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "The provider refused this server’s key: look at OpenAI:ApiKey.")]
    [InlineData(404, "The provider does not know this model, or this key may not use it.")]
    [InlineData(503, "The provider’s server failed: look at its status page.")]
    public async Task A_test_call_that_fails_says_why(int status, string why)
    {
        app.OpenAI.WillFail(status);

        var made = await olga.TestAsync("gpt-6-luna");

        Assert.Equal($"gpt-6-luna did not answer. {why}", (await olga.GetAsync(made.Location!)).Notice("info"));
        Assert.Contains(why, (await app.LastDeedAsync()).After, StringComparison.Ordinal);
        Assert.Equal(("failed", 0), await app.ReadAsync(db => db.Completions.Select(c => ValueTuple.Create(c.Outcome, (int)c.CostMicros!)).SingleAsync()));
        Assert.Empty(BooksTests.Check(app));
    }

    [Fact]
    public async Task Only_a_few_are_made_in_a_minute()
    {
        for (var i = 0; i < TestPace.PerMinute; i++) Assert.Equal(303, (await olga.TestAsync("gpt-6-luna")).Status);

        var refused = await olga.TestAsync("gpt-6-luna");

        Assert.Equal((429, "5 test calls a minute are the most. Wait a minute, then try again."), (refused.Status, refused.Notice("error")));
        Assert.InRange(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal(TestPace.PerMinute, await app.ReadAsync(db => db.Completions.CountAsync()));
        app.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(303, (await olga.TestAsync("gpt-6-luna")).Status);
    }

    [Fact]
    public async Task None_is_made_beyond_the_ceiling_of_the_day()
    {
        await using var poor = await Ops.StartAsync("Ceilings:ServerPerDay=0.0001");
        using var ops = await poor.SignInAsOperatorAsync();

        var refused = await ops.TestAsync("gpt-6-luna");

        Assert.Equal(429, refused.Status);
        Assert.Contains("What may be spent today is spent", refused.Notice("error"), StringComparison.Ordinal);
        Assert.Equal(0, await poor.ReadAsync(db => db.Completions.CountAsync()));
        Assert.Empty(poor.OpenAI.Calls.Snapshot());
    }

    [Fact]
    public async Task One_that_was_lost_with_its_process_is_ended_by_the_next()
    {
        await olga.TestAsync("gpt-6-luna");
        await app.SqlAsync("UPDATE Completions SET FinishedAt = NULL");
        app.Time.Advance(TimeSpan.FromMinutes(2));

        await olga.TestAsync("gpt-6-luna");

        Assert.Equal(["interrupted", "stop"], await app.ReadAsync(db => db.Completions.Where(c => c.FinishedAt != null).OrderBy(c => c.Id).Select(c => c.Outcome!).ToListAsync()));
        Assert.Empty(BooksTests.Check(app));
    }
}
