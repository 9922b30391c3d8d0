using System.Diagnostics;
using System.Threading.Channels;

namespace ChatMvc.Completions.Live;

/// <summary>The followers and running answers of one chat. Thread-safe.</summary>
public sealed class LiveRoom(long chatId)
{
    private readonly Lock gate = new();
    private readonly List<LiveFollower> followers = [];
    private readonly List<LiveAnswer> answers = [];
    private long lastWake;
    private long wantedSince;
    private int wanted;

    public long ChatId { get; } = chatId;
    /// <summary>Guarded by <see cref="LiveRooms"/>.</summary>
    internal int Occupants { get; set; }

    public IReadOnlyList<LiveAnswer> Answers
    {
        get { lock (gate) return [.. answers]; }
    }

    internal void Add(LiveFollower follower) { lock (gate) followers.Add(follower); }
    internal void Remove(LiveFollower follower) { lock (gate) followers.Remove(follower); }
    internal void Add(LiveAnswer answer) { lock (gate) answers.Add(answer); }
    internal void Remove(LiveAnswer answer) { lock (gate) answers.Remove(answer); }

    internal bool MayWakeNow(TimeSpan gather)
    {
        lock (gate) return followers.Count > 0 && Volatile.Read(ref wanted) == 0 && Environment.TickCount64 - lastWake >= gather.TotalMilliseconds;
    }

    /// <summary>True for the first who asks since the last wake.</summary>
    internal bool WantsWaking()
    {
        lock (gate)
        {
            if (followers.Count == 0 || Interlocked.Exchange(ref wanted, 1) != 0) return false;
            wantedSince = Stopwatch.GetTimestamp();
            return true;
        }
    }

    internal void Wake()
    {
        lock (gate)
        {
            var since = Interlocked.Exchange(ref wanted, 0) == 1 ? wantedSince : Stopwatch.GetTimestamp();
            lastWake = Environment.TickCount64;
            foreach (var follower in followers) follower.SignalToken(since);
        }
    }

    internal void RowsChanged()
    {
        lock (gate)
        {
            foreach (var follower in followers) follower.SignalRows();
        }
    }

    internal void Beat()
    {
        lock (gate)
        {
            foreach (var follower in followers) follower.Signal();
        }
    }
}

/// <summary>One open stream: woken when there is something to look at, at least every 15 s.</summary>
public sealed class LiveFollower : IDisposable
{
    private readonly Action leave;
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1)
    {
        FullMode = BoundedChannelFullMode.DropWrite,
        SingleReader = true,
    });
    private int rowsChanged;
    private long tokenSince;

    internal LiveFollower(LiveRoom room, Action leave)
    {
        Room = room;
        this.leave = leave;
    }

    public LiveRoom Room { get; }

    public async Task WaitAsync(CancellationToken cancellation) => await signal.Reader.ReadAsync(cancellation);

    /// <summary>Whether rows changed since the last time this was asked.</summary>
    public bool TakeRowsChanged() => Interlocked.Exchange(ref rowsChanged, 0) == 1;

    /// <summary>When the oldest token came that this follower was woken for; 0 for none. A stopwatch's timestamp.</summary>
    public long TakeTokenSince() => Interlocked.Exchange(ref tokenSince, 0);

    internal void SignalToken(long since)
    {
        Interlocked.CompareExchange(ref tokenSince, since, 0);
        Signal();
    }

    internal void Signal() => signal.Writer.TryWrite(true);

    internal void SignalRows()
    {
        Interlocked.Exchange(ref rowsChanged, 1);
        Signal();
    }

    public void Dispose()
    {
        Room.Remove(this);
        leave();
    }
}
