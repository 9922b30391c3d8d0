using ChatMvc.Jobs;

namespace ChatMvc.Operators.Jobs;

/// <param name="Line">The job or its run.</param>
/// <param name="Zone">Of the reader.</param>
/// <param name="IsLinked">Whether its id leads to the page about it.</param>
public sealed record JobRow(JobLine Line, TimeZoneInfo Zone, bool IsLinked)
{
    public const int MaxKind = 100; // characters
    public const string DeedsAt = "/ops/jobs/job?handler=";

    public string Url => UrlOf(Line.Kind, Line.Id);

    public bool MayRetry => Line.Standing is JobStanding.Failed or JobStanding.Cancelled or JobStanding.Dead;
    public bool MayCancel => Line.Standing is JobStanding.Running;
    public bool MayDelete => Line.Standing is JobStanding.Waiting or JobStanding.Scheduled or JobStanding.Dead;

    public static string UrlOf(string kind, string id) => $"/ops/jobs/job?kind={Uri.EscapeDataString(kind)}&id={Uri.EscapeDataString(id)}";
}
