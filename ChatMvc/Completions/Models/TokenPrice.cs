using ChatMvc.Billing;

namespace ChatMvc.Completions.Models;

/// <summary>What a model's tokens cost: micro-dollars per million tokens, which is the same as dollars per million times a million.</summary>
public readonly record struct TokenPrice(long Input, long CachedInput, long CacheWrite, long Output)
{
    private const decimal Million = 1_000_000m;
    private const int LongInput = 2;
    private const decimal LongOutput = 1.5m;

    /// <summary>The catalogue's price for a request of this many prompt tokens: long ones cost more as a whole.</summary>
    public static TokenPrice Of(ModelPrice price, long promptTokens)
    {
        var isLong = promptTokens > price.LongPromptAbove;
        var (input, output) = isLong ? (LongInput, LongOutput) : (1, 1m);
        return new(Micros(price.Input * input), Micros(price.CachedInput * input), Micros(price.CacheWrite * input), Micros(price.Output * output));
    }

    /// <summary>Exact, in micro-dollars; whoever books it rounds up once.</summary>
    public decimal MicrosFor(TokenCounts tokens) =>
        ((decimal)tokens.Fresh * Input + (decimal)tokens.Cached * CachedInput + (decimal)tokens.CacheWritten * CacheWrite + (decimal)tokens.Answer * Output) / Million;

    private static long Micros(decimal dollars) => (long)decimal.Round(dollars * Usd.MicrosPerDollar);
}
