using System.Threading.Channels;

namespace ChatMvc.Jobs;

/// <summary>The rounds of one recurring job: what the last one did, and what an operator wants of the next.</summary>
internal sealed class Rounds(RecurringJob job)
{
    // Asking twice is asking once.
    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private RecurringStanding _standing = new(job.Kind.Name, job.Every, null, null, null, [], null, IsPaused: false);

    public RecurringJob Job => job;

    public RecurringStanding Standing
    {
        get
        {
            lock (_lock) return _standing;
        }
    }

    /// <summary>Also where it is paused; right after the round that runs, if one does.</summary>
    public void RunNow() => _asked.Writer.TryWrite(true);

    /// <summary>Ends when somebody asked for a round.</summary>
    public Task AskedAsync(CancellationToken stopping) => _asked.Reader.ReadAsync(stopping).AsTask();

    public void Pause(bool isPaused) => Become(s => s with { IsPaused = isPaused });

    public void Began(DateTimeOffset now) => Become(s => s with { LastAt = now, LastTook = null, LastError = null, LastLog = [] });

    public void Ended(DateTimeOffset now, string? error, IReadOnlyList<string> log) =>
        Become(s => s with { LastTook = now - s.LastAt, LastError = error, LastLog = log });

    public void DueAt(DateTimeOffset time) => Become(s => s with { NextAt = time });

    private void Become(Func<RecurringStanding, RecurringStanding> change)
    {
        lock (_lock) _standing = change(_standing);
    }
}
