using ChatMvc.Billing;
using ChatMvc.Completions;
using ChatMvc.Jobs;

namespace ChatMvc.Operators.Overview;

/// <summary>How the server stands in this moment: figures alone.</summary>
public sealed record OverviewFigures
{
    public required DateTimeOffset Now { get; init; }
    public required int People { get; init; }
    /// <summary>Who have a chat open.</summary>
    public required int ActivePeople { get; init; }
    public required AnswerFigures Answers { get; init; }
    /// <summary>Of prompts and answers, since midnight UTC.</summary>
    public required long TokensToday { get; init; }
    /// <summary>Upstream, since midnight UTC, with what is promised to answers that wait.</summary>
    public required Usd SpentToday { get; init; }
    public required Usd Ceiling { get; init; }
    public required UpstreamHealth Upstream { get; init; }
    public required SmsFigures Sms { get; init; }
    public required WebhookFigures Webhooks { get; init; }
    /// <summary>Null while the job store cannot be read.</summary>
    public required JobFigures? Jobs { get; init; }
    public required DiskFigures Disk { get; init; }
    public required BackupMade? Backup { get; init; }
    /// <summary>Since when there is something to lose; null while there is nothing.</summary>
    public required DateTimeOffset? InUseSince { get; init; }
    /// <summary>Why no new messages are taken; null while they are.</summary>
    public required string? Maintenance { get; init; }
    public required TimeSpan Uptime { get; init; }
}

/// <param name="Paused">Of those that wait: because the upstream asked for a pause.</param>
public sealed record AnswerFigures(int Running, int Waiting, int Paused);

/// <summary>Text messages of the last 24 hours.</summary>
/// <param name="Sent">All that count against the cap.</param>
/// <param name="Cap">The most in 24 hours.</param>
/// <param name="Failed">That did not leave, or did not arrive.</param>
/// <param name="Codes">That were sent and whose time is over, or that were used.</param>
/// <param name="UsedCodes">Of them.</param>
public sealed record SmsFigures(int Sent, int Cap, int Failed, int Codes, int UsedCodes)
{
    /// <summary>Fewer say nothing.</summary>
    private const int FewestToJudge = 20;
    private const double UsualShare = .5;

    /// <summary>In whole percent; null while there is none to judge by.</summary>
    public int? UsedPercent => Codes == 0 ? null : 100 * UsedCodes / Codes;

    /// <summary>Whether so few codes are used that somebody may have them sent to earn from them.</summary>
    public bool LooksLikePumping => Codes >= FewestToJudge && UsedCodes < Codes * UsualShare;
}

/// <param name="Received">That wait for their job.</param>
/// <param name="Parked">That wait for an operator.</param>
/// <param name="Failed">That were given up, of the last 30 days.</param>
/// <param name="Oldest">Of those that wait for a job or an operator.</param>
public sealed record WebhookFigures(int Received, int Parked, int Failed, DateTimeOffset? Oldest);

/// <summary>In bytes.</summary>
public sealed record DiskFigures(long Free, long Total, long Database)
{
    public const long Least = 1_000_000_000;
    private const double LeastShare = .1;

    public bool IsNearlyFull => Free < Least || Free < Total * LeastShare;
}
