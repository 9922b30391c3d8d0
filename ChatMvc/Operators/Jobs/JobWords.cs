using System.Globalization;
using ChatMvc.Jobs;
using ChatMvc.Shared;

namespace ChatMvc.Operators.Jobs;

/// <summary>How jobs are spoken of on the operators' pages.</summary>
public static class JobWords
{
    /// <summary>A job that is due begins within a second where a place is free; a kind with few places may keep one from it for a while.</summary>
    public static readonly TimeSpan TooLong = TimeSpan.FromMinutes(1);

    /// <summary>The handbook's chapter about jobs that are stuck.</summary>
    public const string Handbook = "/ops/handbook#stuck-job";

    public const string Unusable = "The job store cannot be used now. Look into the server’s log, and try again.";

    public static string Name(JobStanding? standing) => standing switch
    {
        null => "Ended",
        JobStanding.Succeeded => "Done",
        JobStanding.Skipped => "Nothing to do",
        var other => $"{other}",
    };

    /// <summary>As in an address.</summary>
    public static string Slug(JobStanding? standing) => standing is { } known ? LowerCase($"{known}") : "ended";

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Took(TimeSpan? took) => took switch
    {
        null => "",
        { TotalSeconds: < 1 } span => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, span.TotalMilliseconds):0} ms"),
        { TotalSeconds: < 10 } span => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s"),
        { } span => Times.InWords(span),
    };

    /// <summary>To the second: jobs of one minute are told apart.</summary>
    public static string Clock(DateTimeOffset time, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(time, zone).ToString("d MMM, HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>What is wrong, a sentence each; none when all is well.</summary>
    public static IReadOnlyList<string> Alarms(JobOverview overview) =>
    [
        .. Late(overview),
        .. overview.Total.Dead > 0 ? [$"{Jobs(overview.Total.Dead)} could not be begun and will not be tried again. Retry or delete them."] : (string[])[],
        .. overview.Kinds.Where(kind => kind is { Pause: not null, Figures.Waiting: > 0 })
            .Select(kind => $"The kind {kind.Name} is paused, and {Jobs(kind.Figures.Waiting)} of it {(kind.Figures.Waiting == 1 ? "waits" : "wait")}. Resume it when you are done."),
    ];

    /// <summary>The chart's title.</summary>
    public static string Finding(IReadOnlyList<JobHour> hours) => (hours.Sum(h => h.All), hours.Sum(h => h.Failed)) switch
    {
        (0, _) => "No job ended in the last 24 hours",
        (var all, 0) => $"{Jobs(all)} ended in the last 24 hours, none failed",
        var (all, failed) => $"{Jobs(all)} ended in the last 24 hours, {Count(failed)} of them failed",
    };

    public static string Jobs(int count) => count == 1 ? "1 job" : Count(count) + " jobs";

    private static IEnumerable<string> Late(JobOverview overview) => overview.Total.OldestWaiting is { } age && age >= TooLong
        ? [$"The oldest job has waited for {Times.InWords(age)}. All places are taken, its kind is paused, or the engine stands still."]
        : [];

    private static string LowerCase(string word) => char.ToLowerInvariant(word[0]) + word[1..];
}
