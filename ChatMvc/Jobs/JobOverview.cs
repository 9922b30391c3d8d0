namespace ChatMvc.Jobs;

/// <param name="Total">Of all kinds.</param>
/// <param name="Kinds">Those that are registered, and others of which something is stored or remembered, by name.</param>
/// <param name="Hours">The last 24 that began, oldest first.</param>
/// <param name="Servers">That run jobs.</param>
public sealed record JobOverview(JobFigures Total, IReadOnlyList<JobKindOverview> Kinds, IReadOnlyList<JobHour> Hours, IReadOnlyList<JobServer> Servers);

/// <param name="Name">As stored.</param>
/// <param name="Figures">How its jobs stand.</param>
/// <param name="Ended">How its runs of those hours ended.</param>
/// <param name="Pause">Null while its jobs may begin.</param>
public sealed record JobKindOverview(string Name, JobFigures Figures, JobHour Ended, JobPause? Pause);

/// <param name="By">Who paused it, as they were named.</param>
/// <param name="Since">When.</param>
public sealed record JobPause(string? By, DateTimeOffset? Since);

/// <summary>How many runs that began from a time on ended in which way.</summary>
public sealed record JobHour(DateTimeOffset From, int Succeeded, int Failed, int Cancelled)
{
    public int All => Succeeded + Failed + Cancelled;
}

/// <param name="Name">As the engine calls it.</param>
/// <param name="State">In the engine's word.</param>
/// <param name="Since">Since when it runs jobs.</param>
/// <param name="Heartbeat">When it was last heard of.</param>
/// <param name="Running">Jobs in this moment.</param>
/// <param name="Places">Jobs at the same time at most.</param>
/// <param name="Done">Since it started.</param>
public sealed record JobServer(string Name, string State, DateTimeOffset? Since, DateTimeOffset Heartbeat, int Running, int Places, long Done);
