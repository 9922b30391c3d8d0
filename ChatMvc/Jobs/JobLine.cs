using System.Globalization;

namespace ChatMvc.Jobs;

/// <summary>Where a job is in its life. The last four are how a run ended.</summary>
public enum JobStanding
{
    Waiting,
    Scheduled,
    Running,
    Dead,
    Succeeded,
    Failed,
    Cancelled,
    Skipped,
}

/// <summary>A job that is stored, or one run that has ended.</summary>
/// <param name="Standing">Where it is.</param>
/// <param name="Kind">Its handler's kind.</param>
/// <param name="Name">Its id and the number of its ring: what a deed addresses.</param>
/// <param name="At">When it is due, began or ran.</param>
/// <param name="Took">How long the run took, or takes so far; null before it.</param>
/// <param name="Runs">How many runs of the same kind and id are remembered up to this one.</param>
/// <param name="Error">What ended a failed run: the names of the exceptions, never what they said.</param>
/// <param name="Log">What the run logged, where that was asked for.</param>
/// <param name="Mark">Where it stands in a list.</param>
public sealed record JobLine(JobStanding Standing, string Kind, string Name, DateTimeOffset At, TimeSpan? Took, int Runs, string? Error, string? Log, JobMark Mark)
{
    /// <summary>What the job is about.</summary>
    public string Id => IdOf(Name);

    /// <summary>The id within a job's name.</summary>
    public static string IdOf(string name) => JobName.IdOf(name);
}

/// <summary>A place in a list that is ordered by time, newest first: the next page begins behind it.</summary>
public readonly record struct JobMark(long Ticks, string Key)
{
    private const int MaxLength = 250;

    public static JobMark? TryParse(string? text) =>
        text is { Length: <= MaxLength } && text.IndexOf('-', StringComparison.Ordinal) is var dash and > 0
        && long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? new JobMark(ticks, text[(dash + 1)..])
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Ticks}-{Key}");
}

/// <param name="Lines">Newest first.</param>
/// <param name="Next">Behind the last; null where nothing follows.</param>
public sealed record JobLines(IReadOnlyList<JobLine> Lines, JobMark? Next);
