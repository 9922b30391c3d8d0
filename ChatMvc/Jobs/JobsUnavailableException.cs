namespace ChatMvc.Jobs;

/// <summary>
/// The job store could not be used. Whoever rings after a commit logs this and goes on: the sweep rings again.
/// </summary>
public sealed class JobsUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
