namespace ChatMvc.Shared;

/// <summary>This run of the process: leases carry its id, so that those of an earlier run are known to be dead.</summary>
public sealed class Boot(TimeProvider time)
{
    public string Id { get; } = RandomKey.OfLength(16);
    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();
}
