using System.Data.Common;

namespace ChatMvc.Billing.Usage;

/// <summary>What some requests took and cost together; money in micro-dollars.</summary>
/// <param name="Answers">That were written to their end, or stopped while they were written.</param>
/// <param name="Cached">Part of <paramref name="Prompt"/>.</param>
/// <param name="CacheWrite">Part of <paramref name="Prompt"/>.</param>
/// <param name="Reasoning">Part of <paramref name="Output"/>.</param>
/// <param name="Micros">What credit paid, else what the upstream took.</param>
/// <param name="Charged">Of it, what credit paid.</param>
/// <param name="Unknown">Requests that are missing in <paramref name="Micros"/>, because their model's price is not known.</param>
/// <param name="Estimates">Requests whose tokens are our own estimate.</param>
public readonly record struct UsageFigures(
    long Answers, long Prompt, long Cached, long CacheWrite, long Output, long Reasoning, long Micros, long Charged, long Unknown, long Estimates)
{
    /// <summary>As the tables of running sums have them, in this order.</summary>
    internal const string Columns =
        "Answers, PromptTokens, CachedTokens, CacheWriteTokens, CompletionTokens, ReasoningTokens, Micros, ChargedMicros, Unknown, Estimates";

    /// <summary>The sums of all columns, for a query that groups.</summary>
    internal static readonly string Sums = string.Join(", ", Columns.Split(", ").Select(c => $"SUM({c})"));

    /// <summary>An ended request of <c>Completions</c> that is a person's own, in the same columns, as the triggers add it to the running sums.</summary>
    internal const string OfCompletion = """
        Outcome <> 'failed' AS Answers,
        COALESCE(PromptTokens, 0) AS PromptTokens, COALESCE(CachedTokens, 0) AS CachedTokens, COALESCE(CacheWriteTokens, 0) AS CacheWriteTokens,
        COALESCE(CompletionTokens, 0) AS CompletionTokens, COALESCE(ReasoningTokens, 0) AS ReasoningTokens,
        COALESCE(ChargedMicros, CostMicros, 0) AS Micros, COALESCE(ChargedMicros, 0) AS ChargedMicros,
        (Outcome <> 'failed' OR COALESCE(PromptTokens, 0) + COALESCE(CompletionTokens, 0) > 0) AND ChargedMicros IS NULL AND CostMicros IS NULL AS Unknown,
        (Outcome <> 'failed' OR COALESCE(PromptTokens, 0) + COALESCE(CompletionTokens, 0) > 0) AND IsEstimate AS Estimates
        """;

    /// <summary>Whether it is one: what brought the person no answer is on the operator's account.</summary>
    internal const string IsPersons = "FinishedAt IS NOT NULL AND Kind = 'Answer' AND (Payer <> 'Operator' OR Outcome NOT IN ('failed', 'interrupted'))";

    public Usd Cost => new(Micros);
    public long Tokens => Prompt + Output;

    internal static UsageFigures Read(DbDataReader row, int at) => new(
        row.GetInt64(at), row.GetInt64(at + 1), row.GetInt64(at + 2), row.GetInt64(at + 3), row.GetInt64(at + 4),
        row.GetInt64(at + 5), row.GetInt64(at + 6), row.GetInt64(at + 7), row.GetInt64(at + 8), row.GetInt64(at + 9));

    public static UsageFigures operator +(UsageFigures a, UsageFigures b) => new(
        a.Answers + b.Answers, a.Prompt + b.Prompt, a.Cached + b.Cached, a.CacheWrite + b.CacheWrite, a.Output + b.Output,
        a.Reasoning + b.Reasoning, a.Micros + b.Micros, a.Charged + b.Charged, a.Unknown + b.Unknown, a.Estimates + b.Estimates);
}
