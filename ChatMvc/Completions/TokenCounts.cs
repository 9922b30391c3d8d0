using OpenAI.Chat;

namespace ChatMvc.Completions;

/// <summary>The tokens of one request, as a bill counts them.</summary>
/// <param name="Prompt">In all, cached and written ones included.</param>
/// <param name="Cached">Of them, read from the provider's cache.</param>
/// <param name="CacheWritten">Of them, written to it.</param>
/// <param name="Answer">Reasoning included.</param>
/// <param name="Reasoning">Of the answer's.</param>
/// <param name="IsEstimate">Whether we counted ourselves, because the upstream's usage never came.</param>
public readonly record struct TokenCounts(long Prompt, long Cached, long CacheWritten, long Answer, long Reasoning, bool IsEstimate)
{
    // Far above any model's window: what says more is not a count.
    private const long Most = 100_000_000;

    /// <summary>A request that the upstream never took.</summary>
    public static readonly TokenCounts None;

    /// <summary>Prompt tokens at the full price.</summary>
    public long Fresh => Prompt - Cached - CacheWritten;

    public static TokenCounts Estimate(long prompt, long answer) => new(prompt, 0, 0, answer, 0, IsEstimate: true);

    /// <summary>As many tokens as there may be, of the dearer kinds: a prompt may be written to the cache at more than its own price.</summary>
    public static TokenCounts Dearest(Models.TokenPrice price, long prompt, long answer) =>
        new(prompt, 0, price.CacheWrite > price.Input ? prompt : 0, answer, 0, IsEstimate: true);

    /// <summary>What the upstream reports. Parts that exceed the whole are cut to it: an upstream's arithmetic is not ours to trust.</summary>
    public static TokenCounts Of(ChatTokenUsage usage)
    {
        var prompt = Count(usage.InputTokenCount);
        var cached = Math.Min(Count(usage.InputTokenDetails?.CachedTokenCount ?? 0), prompt);
        var written = Math.Min(Count(CacheWrites(usage.InputTokenDetails)), prompt - cached);
        var answer = Count(usage.OutputTokenCount);
        return new(prompt, cached, written, answer, Math.Min(Count(usage.OutputTokenDetails?.ReasoningTokenCount ?? 0), answer), IsEstimate: false);
    }

    /// <summary>What a request took that ended so: as the upstream reports, nothing where it took none, else by our own count.</summary>
    internal static TokenCounts Of(AnswerResult result, UpstreamCall call, ChatTokenUsage? usage, Prompt prompt, string text) =>
        usage is not null ? Of(usage)
        : call.WasRefused || result is AnswerResult.Failed { Failure: AnswerFailure.Unreachable } ? None
        : Estimate(prompt.LikelyTokens, TokenEstimate.Likely(text));

    private static long Count(long reported) => Math.Clamp(reported, 0, Most);

    // In the vendor's document and not yet in the SDK's types, which keep what they do not know.
    private static long CacheWrites(ChatInputTokenUsageDetails? details)
    {
#pragma warning disable SCME0001 // the SDK's own way to such fields, still marked as experimental
        return details is not null && details.Patch.TryGetValue("$.cache_write_tokens"u8, out int written) ? written : 0;
#pragma warning restore SCME0001
    }
}
