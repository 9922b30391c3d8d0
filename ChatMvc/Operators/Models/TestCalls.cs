using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Completions;
using ChatMvc.Data;
using ChatMvc.Operators.Audit;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.Models;

/// <summary>What became of a test call.</summary>
public abstract record TestOutcome
{
    /// <summary>It was made. The words say how it ended.</summary>
    public sealed record Made(string Words, bool WasAnswered) : TestOutcome;

    /// <summary>It was not made, and may be after a while.</summary>
    public sealed record NotNow(string Words, TimeSpan Wait) : TestOutcome;
}

/// <summary>Asks a model one short thing, on the operator's account, and books it like any other request.</summary>
public sealed class TestCalls(
    ChatDb db, AsideStream asides, PromptBuilder prompts, CompletionBooks books, Spending spending, AuditLog audit, CurrentUser me, TestPace pace,
    IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int MaxLength = 4_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    /// <summary>A request that was begun longer ago was lost with its process.</summary>
    private static readonly TimeSpan LongestLife = 2 * Limit;

    /// <summary>Goes on to its end, whether or not the page is waited for.</summary>
    public async Task<TestOutcome> MakeAsync(string model)
    {
        if (pace.Take() is { } wait) return new TestOutcome.NotNow($"{TestPace.PerMinute} test calls a minute are the most. Wait a minute, then try again.", wait);
        var prompt = prompts.BuildTest(model);
        if (await BeginAsync(prompt) is not { } request) return new TestOutcome.NotNow("What may be spent today is spent. Try again tomorrow, or raise the ceiling in the settings.", spending.Tomorrow - time.GetUtcNow());
        var began = time.GetTimestamp();
        TimeSpan? first = null;
        var (_, result) = await asides.ReadAsync(prompt, MaxLength, Limit, lifetime.ApplicationStopping, () => first ??= time.GetElapsedTime(began));
        return await EndAsync(request.Id, result, first);
    }

    private Task<Completion?> BeginAsync(Prompt prompt) => db.WriteAsync<Completion?>(async () =>
    {
        var tests = db.Completions.Where(c => c.MessageId == Completion.None && c.Kind == CompletionKind.Test);
        var longAgo = time.GetUtcNow() - LongestLife;
        foreach (var lost in await tests.Where(c => c.FinishedAt == null && c.StartedAt < longAgo).ToListAsync())
            await books.EndAsync(db, lost, new AnswerResult.Interrupted { Tokens = TokenCounts.Estimate(prompt.LikelyTokens, 0) });
        var most = books.MostFor(prompt.Model, prompt.Tokens, prompt.MaxAnswerTokens) ?? Usd.Zero;
        if (await spending.IsAboveCeilingAsync(db, me.Id, most)) return null;
        var number = await tests.MaxAsync(c => (int?)c.Attempt) ?? 0;
        var completion = new Completion(CompletionKind.Test, Completion.None, Completion.None, me.Id, number + 1, Payer.Operator, prompt.Model, time.GetUtcNow());
        await books.BeginAsync(db, completion, prompt.Tokens, prompt.MaxAnswerTokens);
        return completion;
    });

    private Task<TestOutcome> EndAsync(long id, AnswerResult result, TimeSpan? first) => db.WriteAsync<TestOutcome>(async () =>
    {
        db.ChangeTracker.Clear();
        var completion = await db.Completions.SingleAsync(c => c.Id == id);
        await books.EndAsync(db, completion, result);
        var words = Words(completion, result, first);
        audit.Note(new Deed("test call", $"model {completion.Model}", After: words));
        return new TestOutcome.Made(words, result is AnswerResult.Completed);
    });

    private static string Words(Completion completion, AnswerResult result, TimeSpan? first) => result switch
    {
        AnswerResult.Completed when first is { } after =>
            $"{completion.Model} answered: first word after {after.TotalSeconds:0.00} s, {Tokens(completion)}, {Cost(completion)}.",
        AnswerResult.Completed => $"{completion.Model} answered without a word that can be read: {Tokens(completion)}, {Cost(completion)}.",
        AnswerResult.Failed { Failure: var failure } => $"{completion.Model} did not answer. {Why(failure)}{(completion.CostMicros > 0 ? $" It took {Tokens(completion)}, {Cost(completion)}." : "")}",
        _ => $"{completion.Model} was interrupted by the end of the server.",
    };

    private static string Tokens(Completion completion) => $"{completion.PromptTokens:N0} tokens in and {completion.CompletionTokens:N0} out";

    private static string Cost(Completion completion) => completion.CostMicros is { } micros ? new Usd(micros).ToString() : "at a price that is not known";

    // For whoever can do something about it; the words for people are others.
    private static string Why(AnswerFailure failure) => failure switch
    {
        AnswerFailure.KeyRefused => "The provider refused this server’s key: look at OpenAI:ApiKey.",
        AnswerFailure.QuotaUsed => "The account with the provider is used up: add money to it.",
        AnswerFailure.Busy => "The provider says that too much is asked of it: wait a minute, or have your limits raised.",
        AnswerFailure.UpstreamError => "The provider’s server failed: look at its status page.",
        AnswerFailure.Unreachable => "The provider’s server could not be reached: look at OpenAI:BaseUrl and at the network.",
        AnswerFailure.Silent => $"Nothing came within {Limit.TotalSeconds:0} seconds.",
        AnswerFailure.BrokenOff => "The connection broke off, or what came was no answer.",
        AnswerFailure.Refused => "The provider declined to answer.",
        AnswerFailure.PromptTooLong => "The provider calls a prompt of twenty words too long: look at the model’s window.",
        AnswerFailure.ModelMissing => "The provider does not know this model, or this key may not use it.",
        AnswerFailure.RequestRefused => "The provider did not accept the request: it may not be a model that chats.",
        _ => "Something failed on our side: look at the log.",
    };
}
