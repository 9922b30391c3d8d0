namespace ChatMvc.Sandbox;

/// <summary>How the sandbox's Twilio takes a message; the empty one takes it at once.</summary>
public sealed record TwilioBehaviour : ISteered<TwilioBehaviour>
{
    private const int MaxDelayMs = 10 * 60 * 1000;

    /// <summary>The HTTP status of a refusal; 400 when only a code is given.</summary>
    public int? Status { get; init; }

    /// <summary>Twilio's error code, such as 21610.</summary>
    public int? Code { get; init; }
    public string? Message { get; init; }

    /// <summary>Milliseconds before any answer.</summary>
    public int DelayMs { get; init; }

    /// <summary>The message is taken and kept, and no answer ever comes: the worst that a time-out can mean.</summary>
    public bool Hang { get; init; }

    public int? Times { get; init; }

    public TwilioBehaviour Over(TwilioBehaviour standing) => this;

    public string? Complaint() => this switch
    {
        { Status: < 400 or > 599 } => "status is 400 to 599",
        { DelayMs: < 0 or > MaxDelayMs } => $"delayMs is 0 to {MaxDelayMs}",
        { Times: < 1 } => "times is 1 or more",
        _ => null,
    };
}
