namespace ChatMvc.Jobs;

/// <summary>How the stored jobs stand in this moment.</summary>
/// <param name="Running">Begun and not ended.</param>
/// <param name="Waiting">Due and not begun, also where their kind is paused.</param>
/// <param name="Scheduled">For a time to come.</param>
/// <param name="Dead">Those that the engine could not begin and tries no more.</param>
/// <param name="OldestWaiting">How long the oldest of those that wait has been due; null where none waits.</param>
public sealed record JobFigures(int Running, int Waiting, int Scheduled, int Dead, TimeSpan? OldestWaiting)
{
    public static readonly JobFigures None = new(0, 0, 0, 0, null);

    /// <summary>Of several kinds together.</summary>
    public static JobFigures Sum(IEnumerable<JobFigures> kinds) => kinds.Aggregate(None, (sum, kind) => new JobFigures(
        sum.Running + kind.Running, sum.Waiting + kind.Waiting, sum.Scheduled + kind.Scheduled, sum.Dead + kind.Dead,
        kind.OldestWaiting is { } age && !(sum.OldestWaiting > age) ? age : sum.OldestWaiting));
}
