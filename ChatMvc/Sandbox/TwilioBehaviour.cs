namespace ChatMvc.Sandbox;

/// <summary>What the sandbox's Twilio reports of a message that it took.</summary>
public enum TwilioReport { Delivered, Undelivered, None }

/// <summary>How the sandbox's Twilio takes a message and reports on it; the empty one takes it at once and delivers it.</summary>
public sealed record TwilioBehaviour : ISteered<TwilioBehaviour>
{
    private const int MaxDelayMs = 10 * 60 * 1000;
    private const int MaxCopies = 10;

    /// <summary>The HTTP status of a refusal; 400 when only a code is given.</summary>
    public int? Status { get; init; }

    /// <summary>Twilio's error code, such as 21610.</summary>
    public int? Code { get; init; }
    public string? Message { get; init; }
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Milliseconds before any answer.</summary>
    public int DelayMs { get; init; }

    /// <summary>The message is taken and kept, and no answer ever comes: the worst that a time-out can mean.</summary>
    public bool Hang { get; init; }

    /// <summary>How the reports end; null for what the standing behaviour says, and there for delivered.</summary>
    public TwilioReport? Report { get; init; }

    /// <summary>Twilio's code for what was not delivered; 30008 when null.</summary>
    public int? ReportCode { get; init; }

    /// <summary>Milliseconds before each report; about a second when null.</summary>
    public int? ReportDelayMs { get; init; }

    /// <summary>How often each report is sent; once when null.</summary>
    public int? ReportCopies { get; init; }

    /// <summary>The last report first.</summary>
    public bool ReportBackwards { get; init; }

    /// <summary>Reports carry a signature that is not Twilio's.</summary>
    public bool ReportForged { get; init; }

    public int? Times { get; init; }

    public TwilioBehaviour Over(TwilioBehaviour standing) => this with
    {
        Report = Report ?? standing.Report,
        ReportDelayMs = ReportDelayMs ?? standing.ReportDelayMs,
    };

    public string? Complaint() => this switch
    {
        { Status: < 400 or > 599 } => "status is 400 to 599",
        { DelayMs: < 0 or > MaxDelayMs } or { ReportDelayMs: < 0 or > MaxDelayMs } => $"a delay is 0 to {MaxDelayMs} milliseconds",
        { RetryAfterSeconds: < 0 } => "retryAfterSeconds is 0 or more",
        { ReportCopies: < 1 or > MaxCopies } => $"reportCopies is 1 to {MaxCopies}",
        { Times: < 1 } => "times is 1 or more",
        _ => null,
    };
}
