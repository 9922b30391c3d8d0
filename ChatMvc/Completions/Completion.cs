namespace ChatMvc.Completions;

public enum CompletionKind { Answer, Title, Summary }

/// <summary>Whose account a request is on.</summary>
public enum Payer { Allowance, Credit, Pro, Operator }

/// <summary>One request to a model: a row per request, so repetitions and titles have a home and cost is a sum.</summary>
public sealed class Completion
{
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
    /// <summary>Micro-dollars at the prices below; null while a model's price is unknown.</summary>
    public long? CostMicros { get; private set; }
    /// <summary>Micro-dollars that the person's credit paid for it; null where something else paid.</summary>
    public long? ChargedMicros { get; private set; }
    /// <summary>Micro-dollars per million tokens, as charged.</summary>
    public long? InputPriceMicros { get; private set; }
    public long? CachedPriceMicros { get; private set; }
    public long? CacheWritePriceMicros { get; private set; }
    public long? OutputPriceMicros { get; private set; }

    public void Finish(AnswerResult result, DateTimeOffset now)
    {
        FinishedAt = now;
        UpstreamRequestId = result.RequestId;
        Outcome = result switch
        {
            AnswerResult.Completed completed => completed.Reason,
            AnswerResult.Stopped => "stopped",
            AnswerResult.Interrupted => "interrupted",
            _ => "failed",
        };
        if (result.Usage is not { } usage) return;
        PromptTokens = usage.InputTokenCount;
        CachedTokens = usage.InputTokenDetails?.CachedTokenCount;
        CompletionTokens = usage.OutputTokenCount;
        ReasoningTokens = usage.OutputTokenDetails?.ReasoningTokenCount;
    }
}
