using ChatMvc.Completions.Models;

namespace ChatMvc.Completions;

/// <summary>A test is an operator's, and of no chat and no message.</summary>
public enum CompletionKind { Answer, Title, Summary, Test }

/// <summary>Whose account a request is on.</summary>
public enum Payer { Allowance, Credit, Pro, Operator }

/// <summary>One request to a model: a row per request, so repetitions and titles have a home and cost is a sum.</summary>
public sealed class Completion
{
    /// <summary>The outcome of a request that our own process cut short.</summary>
    public const string Interrupted = "interrupted";
    /// <summary>The chat and the message of a test.</summary>
    public const long None = 0;

    private Completion() { }

    public Completion(CompletionKind kind, long chatId, long messageId, long userId, int attempt, Payer payer, string model, DateTimeOffset now)
    {
        Kind = kind;
        ChatId = chatId;
        MessageId = messageId;
        UserId = userId;
        Attempt = attempt;
        Payer = payer;
        Model = model;
        StartedAt = now;
    }

    public long Id { get; private set; }
    public CompletionKind Kind { get; private set; }
    public long ChatId { get; private set; }
    public long MessageId { get; private set; }
    public long UserId { get; private set; }
    public int Attempt { get; private set; }
    public Payer Payer { get; private set; }
    public string Model { get; private set; } = "";
    public DateTimeOffset StartedAt { get; private set; }
    public DateTimeOffset? FinishedAt { get; private set; }
    /// <summary>The upstream's <c>x-request-id</c>.</summary>
    public string? UpstreamRequestId { get; private set; }
    /// <summary>The upstream's <c>finish_reason</c>, or ours: <c>stopped</c>, <c>failed</c>, <c>interrupted</c>.</summary>
    public string? Outcome { get; private set; }
    public long? PromptTokens { get; private set; }
    /// <summary>Part of <see cref="PromptTokens"/>.</summary>
    public long? CachedTokens { get; private set; }
    /// <summary>Part of <see cref="PromptTokens"/>.</summary>
    public long? CacheWriteTokens { get; private set; }
    public long? CompletionTokens { get; private set; }
    /// <summary>Part of <see cref="CompletionTokens"/>.</summary>
    public long? ReasoningTokens { get; private set; }
    /// <summary>Whether the tokens are our own estimate, because the upstream's usage never came.</summary>
    public bool IsEstimate { get; private set; }
    /// <summary>Micro-dollars at the prices below, the most there may be until it ends; null while the model's price is unknown.</summary>
    public long? CostMicros { get; private set; }
    /// <summary>Micro-dollars that the person's credit paid for it; null where something else paid.</summary>
    public long? ChargedMicros { get; private set; }
    /// <summary>Micro-dollars as its person is shown them: what credit paid, otherwise what it cost upstream; null while unknown.</summary>
    public long? ShownMicros => ChargedMicros ?? CostMicros;
    /// <summary>Micro-dollars per million tokens, as charged.</summary>
    public long? InputPriceMicros { get; private set; }
    public long? CachedPriceMicros { get; private set; }
    public long? CacheWritePriceMicros { get; private set; }
    public long? OutputPriceMicros { get; private set; }

    /// <summary>Counts it at its most until it ends.</summary>
    public void Reserve(Billing.Usd? most) => (CostMicros, IsEstimate) = (most?.Micros, true);

    /// <summary>Puts down what it took. Whatever brought the person no answer is on the operator's account.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="price">Micro-dollars per million tokens; null while unknown.</param>
    /// <param name="now">When.</param>
    public void Finish(AnswerResult result, TokenPrice? price, DateTimeOffset now)
    {
        FinishedAt = now;
        UpstreamRequestId = result.RequestId;
        Outcome = result switch
        {
            AnswerResult.Completed completed => completed.Reason,
            AnswerResult.Stopped => "stopped",
            AnswerResult.Interrupted => Interrupted,
            _ => "failed",
        };
        var tokens = result.Tokens;
        (PromptTokens, CachedTokens, CacheWriteTokens) = (tokens.Prompt, tokens.Cached, tokens.CacheWritten);
        (CompletionTokens, ReasoningTokens, IsEstimate) = (tokens.Answer, tokens.Reasoning, tokens.IsEstimate);
        (InputPriceMicros, CachedPriceMicros) = (price?.Input, price?.CachedInput);
        (CacheWritePriceMicros, OutputPriceMicros) = (price?.CacheWrite, price?.Output);
        CostMicros = price is { } known ? (long)decimal.Ceiling(known.MicrosFor(tokens)) : null;
        if (result is AnswerResult.Failed or AnswerResult.Interrupted) Payer = Payer.Operator;
    }

    /// <summary>What a person's credit pays for it, rounded up once.</summary>
    /// <param name="markup">Over the upstream's price.</param>
    public Billing.Usd PriceWith(decimal markup) =>
        InputPriceMicros is { } input
            ? new((long)decimal.Ceiling(markup * new TokenPrice(input, CachedPriceMicros!.Value, CacheWritePriceMicros!.Value, OutputPriceMicros!.Value)
                .MicrosFor(new(PromptTokens!.Value, CachedTokens!.Value, CacheWriteTokens!.Value, CompletionTokens!.Value, ReasoningTokens!.Value, IsEstimate))))
            : Billing.Usd.Zero;

    /// <summary>Credit paid this much for it.</summary>
    public void Charge(Billing.Usd amount) => ChargedMicros = amount.Micros;

    /// <summary>On whose account it is after all: a lost request of an answer that was to be stopped anyway is paid for as one.</summary>
    public void PayBy(Payer payer) => Payer = payer;
}
