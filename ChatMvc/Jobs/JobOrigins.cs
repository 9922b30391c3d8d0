using ChatMvc.Shared;

namespace ChatMvc.Jobs;

/// <summary>
/// For which request a job was rung for the first time, so that its log lines can be found by it. In memory: after a restart, a job goes
/// by a new id.
/// </summary>
internal sealed class JobOrigins
{
    private const int MaxKept = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Kind, string Id), string> _origins = [];
    private readonly Queue<(string Kind, string Id)> _order = [];

    public void Note(JobName name)
    {
        if (Reference.Current is not { } reference)
            return;
        lock (_gate)
        {
            // The first is right: later someone else's end may ring for what waits.
            if (!_origins.TryAdd((name.Kind, name.Id), reference))
                return;
            _order.Enqueue((name.Kind, name.Id));
            if (_order.Count > MaxKept)
                _origins.Remove(_order.Dequeue());
        }
    }

    public string Of(JobName name)
    {
        lock (_gate)
            return _origins.GetValueOrDefault((name.Kind, name.Id)) ?? RandomKey.OfLength(16);
    }
}
