namespace ChatMvc.Completions;

/// <summary>How one request for an answer ended.</summary>
public abstract record AnswerResult
{
    /// <summary>The upstream finished it; <paramref name="Reason"/> is its <c>finish_reason</c>.</summary>
    public sealed record Completed(string Reason) : AnswerResult;

    /// <summary>It failed. <paramref name="RetryAfter"/> says how soon asking again may help; null when it will not.</summary>
    public sealed record Failed(AnswerFailure Failure, TimeSpan? RetryAfter = null) : AnswerResult;

    /// <summary>A person stopped it.</summary>
    public sealed record Stopped : AnswerResult;

    /// <summary>The server is going down.</summary>
    public sealed record Interrupted : AnswerResult;

    /// <summary>As the upstream counted them, or as we did when its usage never came; none where it took no request.</summary>
    public TokenCounts Tokens { get; init; }
    public string? RequestId { get; init; }
}
