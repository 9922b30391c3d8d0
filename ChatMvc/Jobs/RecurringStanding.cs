namespace ChatMvc.Jobs;

/// <summary>What is known about a recurring job since this process started.</summary>
/// <param name="Kind">Its handler's kind.</param>
/// <param name="Every">From one round to the next.</param>
/// <param name="LastAt">When the last round began; null before the first.</param>
/// <param name="LastTook">How long it took; null while it runs.</param>
/// <param name="LastError">The names of the exceptions that ended it; null where it went well.</param>
/// <param name="LastLog">What it logged.</param>
/// <param name="NextAt">When the next round is due, unless it is paused.</param>
/// <param name="IsPaused">Whether rounds are left out. Forgotten with the next start: sweeps are what nothing is lost by.</param>
public sealed record RecurringStanding(
    string Kind, TimeSpan Every, DateTimeOffset? LastAt, TimeSpan? LastTook, string? LastError, IReadOnlyList<string> LastLog, DateTimeOffset? NextAt, bool IsPaused)
{
    public bool IsRunning => LastAt is not null && LastTook is null;
}
