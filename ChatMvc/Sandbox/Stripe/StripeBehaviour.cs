namespace ChatMvc.Sandbox.Stripe;

/// <summary>How the sandbox's Stripe answers a call of its API; the empty one does what it is asked.</summary>
public sealed record StripeBehaviour : ISteered<StripeBehaviour>
{
    private const int MaxDelayMs = 10 * 60 * 1000;

    /// <summary>The HTTP status of a fault.</summary>
    public int? Status { get; init; }
    public string? Type { get; init; }
    public string? Code { get; init; }
    public string? Message { get; init; }
    public int? RetryAfterSeconds { get; init; }

    /// <summary>What the header <c>Stripe-Should-Retry</c> says; none when null.</summary>
    public bool? ShouldRetry { get; init; }

    /// <summary>Milliseconds before anything is done.</summary>
    public int DelayMs { get; init; }

    /// <summary>No answer ever comes.</summary>
    public bool Hang { get; init; }

    /// <summary>The work is done all the same, and its answer kept under its key: only the answer is lost.</summary>
    public bool Done { get; init; }

    /// <summary>The fault itself is kept under the key and comes again, as Stripe does with what failed on the way.</summary>
    public bool Kept { get; init; }

    /// <summary>The calls that it holds for, such as <c>checkout/sessions</c>: the beginning of what stands behind <c>/v1/</c>. Null for all.</summary>
    public string? Path { get; init; }

    /// <summary>Such as POST; null for all.</summary>
    public string? Method { get; init; }

    public int? Times { get; init; }

    internal bool IsFault => Status is not null || Hang;

    public StripeBehaviour Over(StripeBehaviour standing) => this;

    public string? Complaint() => this switch
    {
        { Status: < 400 or > 599 } => "status is 400 to 599",
        { DelayMs: < 0 or > MaxDelayMs } => $"delayMs is 0 to {MaxDelayMs}",
        { RetryAfterSeconds: < 0 } => "retryAfterSeconds is 0 or more",
        { Times: < 1 } => "times is 1 or more",
        { Done: true, Status: null, Hang: false } or { Kept: true, Status: null } => "done and kept belong to a status",
        _ => null,
    };

    internal bool AppliesTo(string method, string path) =>
        (Method is null || Method.Equals(method, StringComparison.OrdinalIgnoreCase)) && (Path is null || path.StartsWith(Path, StringComparison.Ordinal));
}
