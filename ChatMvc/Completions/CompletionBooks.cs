using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Chats;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Completions;

/// <summary>
/// Books what requests cost upstream: at its most when one is made, as it was when it ends. The day's sums hold both, so
/// that what is under way counts against the ceilings. To be called inside a write.
/// </summary>
public sealed class CompletionBooks(ModelCatalog catalog, Meters meters, TimeProvider time)
{
    /// <summary>Adds a request that is about to be made.</summary>
    /// <param name="db">Inside a write.</param>
    /// <param name="completion">Its row.</param>
    /// <param name="maxPromptTokens">At most.</param>
    /// <param name="maxAnswerTokens">At most.</param>
    public async Task BeginAsync(ChatDb db, Completion completion, int maxPromptTokens, int maxAnswerTokens)
    {
        completion.Reserve(MostFor(completion.Model, maxPromptTokens, maxAnswerTokens));
        db.Completions.Add(completion);
        await CountAsync(db, completion, before: 0);
    }

    /// <summary>Puts down what it took, at the price of the day it was made.</summary>
    public async Task EndAsync(ChatDb db, Completion completion, AnswerResult result)
    {
        var before = completion.CostMicros ?? 0;
        var price = catalog.Find(completion.Model).PriceOn(DateOnly.FromDateTime(completion.StartedAt.UtcDateTime));
        completion.Finish(result, price is null ? null : TokenPrice.Of(price, result.Tokens.Prompt), time.GetUtcNow());
        await CountAsync(db, completion, before);
        // Before the commit: one that fails is repeated, and counted twice in the figures alone.
        meters.RequestEnded(completion.Model, result.Tokens.Fresh + result.Tokens.CacheWritten, result.Tokens.Cached, result.Tokens.Answer, completion.CostMicros);
    }

    /// <summary>
    /// Ends the request of a worker that is no more, by our own count of what had come. One that an orderly shutdown had
    /// ended is found as well: it is what a person who stops the answer now has got. Null when none was made.
    /// </summary>
    public async Task<Completion?> EndLostAsync(ChatDb db, Message answer)
    {
        if (answer.State != MessageState.Streaming) return null;
        var lost = await db.Completions.Where(c => c.MessageId == answer.Id && c.Kind == CompletionKind.Answer).OrderByDescending(c => c.Attempt).FirstOrDefaultAsync();
        if (lost is null or { FinishedAt: not null }) return lost;
        // The upper estimate counts twice what is likely.
        var tokens = TokenCounts.Estimate((answer.MaxPromptTokens ?? 0) / 2, TokenEstimate.Likely(await PartialText.OfAsync(db, answer.Id)));
        await EndAsync(db, lost, new AnswerResult.Interrupted { Tokens = tokens });
        return lost;
    }

    /// <summary>The most a request may cost upstream; null while the model's price is unknown.</summary>
    public Usd? MostFor(string model, int promptTokens, int answerTokens) =>
        PriceNow(model, promptTokens) is { } price
            ? new Usd((long)decimal.Ceiling(price.MicrosFor(TokenCounts.Dearest(price, promptTokens, answerTokens))))
            : null;

    /// <summary>The price of a request made now; null while it is unknown.</summary>
    public TokenPrice? PriceNow(string model, long promptTokens) =>
        catalog.Find(model).PriceOn(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)) is { } price ? TokenPrice.Of(price, promptTokens) : null;

    private static async Task CountAsync(ChatDb db, Completion completion, long before)
    {
        var more = (completion.CostMicros ?? 0) - before;
        if (more == 0) return;
        var day = DailyCost.DayOf(completion.StartedAt);
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO "DailyCosts" ("UserId", "Day", "Micros") VALUES ({DailyCost.Server}, {day}, {more}), ({completion.UserId}, {day}, {more})
            ON CONFLICT ("UserId", "Day") DO UPDATE SET "Micros" = "Micros" + excluded."Micros"
            """);
    }
}
