using System.Globalization;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Usage;

/// <summary>What an answer took and cost: all requests that were made for it.</summary>
/// <param name="Answer">The message.</param>
/// <param name="Requests">In their order; none when it failed before one was made.</param>
/// <param name="IsOwnKey">Whether nothing is sold here.</param>
/// <param name="Zone">The reader's.</param>
public sealed record Receipt(Message Answer, IReadOnlyList<Completion> Requests, bool IsOwnKey, TimeZoneInfo Zone)
{
    /// <summary>More are not shown: an answer is asked for twice, and once more for each orderly shutdown.</summary>
    private const int MaxRequests = 20;

    public static async Task<Receipt> OfAsync(ChatDb db, Message answer, BillingSettings billing, TimeZoneInfo zone, CancellationToken cancellation) =>
        new(answer, await db.Completions.AsNoTracking().Where(c => c.MessageId == answer.Id && c.Kind == CompletionKind.Answer)
            .OrderBy(c => c.Attempt).Take(MaxRequests).ToListAsync(cancellation), billing.Provider == BillingProvider.None, zone);

    // What brought no answer is on the operator's account, who may be the reader.
    private IReadOnlyList<Completion> Own => IsOwnKey ? Requests : [.. Requests.Where(r => r.Payer != Payer.Operator || r.Outcome is not ("failed" or Completion.Interrupted))];

    public long Prompt => Own.Sum(r => r.PromptTokens ?? 0);
    public long Cached => Own.Sum(r => r.CachedTokens ?? 0);
    public long CacheWrite => Own.Sum(r => r.CacheWriteTokens ?? 0);
    public long Output => Own.Sum(r => r.CompletionTokens ?? 0);
    public long Reasoning => Own.Sum(r => r.ReasoningTokens ?? 0);
    public bool HasTokens => Prompt + Output > 0;
    public bool IsEstimate => HasTokens && Own.Any(r => r.IsEstimate);

    public string PaidBy => Answer.Payer switch
    {
        Payer.Allowance or Payer.Credit when Answer.State == MessageState.Failed => "Nothing of yours, as it failed",
        Payer.Allowance => "One of your free messages",
        Payer.Credit => "Your credit",
        Payer.Pro => "Your Pro plan",
        _ when IsOwnKey => "This server’s own key",
        _ => "The operator of this server",
    };

    public string Cost
    {
        get
        {
            if (Own.Count == 0) return "Nothing";
            var known = Own.Where(r => r.ShownMicros is not null).ToList();
            if (known.Count == 0) return "Unknown: this server knows no price for the model.";
            return (IsEstimate ? "about " : "") + new Usd(known.Sum(r => r.ShownMicros!.Value)) + (known.Count < Own.Count ? ", and what is unknown" : "");
        }
    }

    /// <summary>What a million tokens cost when it was asked for; null where that is not known.</summary>
    public string? Prices => Requests.LastOrDefault(r => r.InputPriceMicros is not null) is not { } priced ? null
        : $"{Price(priced.InputPriceMicros)} in, {Price(priced.CachedPriceMicros)} cached, {(CacheWrite > 0 ? $"{Price(priced.CacheWritePriceMicros)} written to the cache, " : "")}{Price(priced.OutputPriceMicros)} out, as of {Times.Day(priced.StartedAt, Zone)}";

    /// <summary>Such as <c>waited 0.2 s, written in 3.1 s</c>.</summary>
    public string? Time => Answer is { StartedAt: { } started, FinishedAt: { } finished }
        ? $"waited {Seconds(started - Answer.CreatedAt)}, written in {Seconds(finished - started)}" : null;

    /// <summary>One request in a line.</summary>
    public string LineOf(Completion request) =>
        $"{Times.Stamp(request.StartedAt, Zone)}: {OutcomeOf(request)}"
        + (request.FinishedAt is { } end ? $" after {Seconds(end - request.StartedAt)}" : "")
        + (request is { PromptTokens: { } prompt, CompletionTokens: { } output } && prompt + output > 0
            ? $", {UsageWords.Count(prompt)} tokens in, {UsageWords.Count(output)} out{(request.IsEstimate ? " (estimated)" : "")}" + CostOf(request) : "");

    private string CostOf(Completion request) =>
        (request.ShownMicros is { } cost ? $", {new Usd(cost)}" : ", at an unknown price") + (Own.Contains(request) ? "" : ", which you do not pay");

    private static string OutcomeOf(Completion request) => request.Outcome switch
    {
        null => "not ended",
        "stop" => "complete",
        "length" => "cut at its maximum length",
        "content_filter" => "ended by the provider’s filter",
        var other => other,
    };

    private static string Price(long? micros) => micros is { } known ? new Usd(known).ToString() : "?";

    private static string Seconds(TimeSpan span) => span.TotalSeconds >= 120
        ? span.TotalMinutes.ToString("0.#", CultureInfo.InvariantCulture) + " min"
        : Math.Max(0, span.TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture) + " s";
}
