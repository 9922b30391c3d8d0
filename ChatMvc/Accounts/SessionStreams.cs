using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts;

/// <summary>
/// What is sent to signed-in devices for as long as they stay: when a session ends, here or on another device, so do its
/// streams. One look at the database for all of them every two seconds, and none while nobody follows.
/// </summary>
public sealed class SessionStreams(IDbContextFactory<ChatDb> databases, SessionSettings settings, TimeProvider time, ILogger<SessionStreams> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    /// <summary>A revocation's time is taken before its commit, and a clock may be set back a little.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);
    private static readonly Func<ChatDb, DateTimeOffset, IAsyncEnumerable<long>> RevokedSince =
        EF.CompileAsyncQuery((ChatDb db, DateTimeOffset since) => db.Sessions.Where(s => s.RevokedAt != null && s.RevokedAt >= since).Select(s => s.Id));

    private readonly Lock gate = new();
    private readonly Dictionary<long, HashSet<SessionStream>> open = [];

    /// <summary>Begins a stream; it is over when the session is, or when this is disposed.</summary>
    public SessionStream Open(CurrentUser me)
    {
        var stream = new SessionStream(this, me.SessionId, me.SessionEndsAt(settings));
        lock (gate)
        {
            if (!open.TryGetValue(stream.SessionId, out var streams)) open[stream.SessionId] = streams = [];
            streams.Add(stream);
        }
        return stream;
    }

    /// <summary>Ends the streams of sessions that are known to be over.</summary>
    public void End(IEnumerable<long> sessions) => End(StreamsOf(sessions));

    internal void Close(SessionStream stream)
    {
        lock (gate)
        {
            if (open.TryGetValue(stream.SessionId, out var streams) && streams.Remove(stream) && streams.Count == 0) open.Remove(stream.SessionId);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        var looked = time.GetUtcNow();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = time.GetUtcNow();
            End(StreamsUntil(now));
            try
            {
                if (HasAny) End(await RevokedAsync(looked - Overlap, stoppingToken));
                looked = now;
            }
#pragma warning disable CA1031 // A database that cannot be read now is looked at again: the time of the last look stays.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                AccountLog.NotLookedForEndedSessions(logger, e);
            }
        }
    }

    private bool HasAny
    {
        get { lock (gate) return open.Count > 0; }
    }

    private async Task<List<long>> RevokedAsync(DateTimeOffset since, CancellationToken stopping)
    {
        await using var db = await databases.CreateDbContextAsync(stopping);
        return await RevokedSince(db, since).ToListAsync(stopping);
    }

    private List<SessionStream> StreamsOf(IEnumerable<long> sessions)
    {
        lock (gate) return [.. sessions.SelectMany(id => open.TryGetValue(id, out var streams) ? streams : Enumerable.Empty<SessionStream>())];
    }

    private List<SessionStream> StreamsUntil(DateTimeOffset now)
    {
        lock (gate) return [.. open.Values.SelectMany(streams => streams).Where(s => s.EndsAt <= now)];
    }

    private static void End(List<SessionStream> streams) => streams.ForEach(s => s.End());
}

/// <summary>One stream to a signed-in device.</summary>
public sealed class SessionStream : IDisposable
{
    private readonly SessionStreams all;
    private readonly CancellationTokenSource ended = new();

    internal SessionStream(SessionStreams all, long sessionId, DateTimeOffset endsAt) => (this.all, SessionId, EndsAt) = (all, sessionId, endsAt);

    /// <summary>Cancelled when the session is over.</summary>
    public CancellationToken Ended => ended.Token;
    internal long SessionId { get; }
    /// <summary>As it looked when the stream began; a device that was seen meanwhile comes back and goes on.</summary>
    internal DateTimeOffset EndsAt { get; }

    // Not disposed: nothing was allocated that would need it, and an end may come at the same moment.
    public void Dispose() => all.Close(this);

    // Off this thread: whoever waits for the token goes on with a write to a socket.
    internal void End() => _ = ended.CancelAsync();
}
