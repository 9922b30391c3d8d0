namespace ChatMvc.Jobs;

/// <param name="DatabaseFile">The path of jobs.db.</param>
/// <param name="MaxConcurrency">Jobs that run at the same time, of all kinds together.</param>
internal sealed record JobSettings(string DatabaseFile, int MaxConcurrency);
