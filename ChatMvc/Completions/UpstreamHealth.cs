using System.Globalization;

namespace ChatMvc.Completions;

/// <summary>Failures of one kind within the hour.</summary>
public sealed record UpstreamFailures(AnswerFailure Kind, int Count, DateTimeOffset LastAt);

/// <summary>What is left until the upstream asks to wait, as its headers said last.</summary>
/// <param name="Left">Null where they did not say.</param>
public sealed record UpstreamLimit(long? Left, long? Of)
{
    public bool IsKnown => Left is not null;
}

/// <summary>How the upstream fares, as this process has heard it: in memory alone, for operators.</summary>
public sealed class UpstreamHealth(TimeProvider time)
{
    private const int Minutes = 60;
    private readonly Lock gate = new();
    private readonly Dictionary<AnswerFailure, Tally> failures = [];
    private long secondsAhead;
    private DateTimeOffset? lastAnswerAt;
    private volatile UpstreamLimit requests = new(null, null);
    private volatile UpstreamLimit tokens = new(null, null);

    public DateTimeOffset? LastAnswerAt
    {
        get { lock (gate) return lastAnswerAt; }
    }

    /// <summary>How far the upstream's clock is ahead of ours, in whole seconds; nothing while it has not said.</summary>
    public TimeSpan ClockAhead => TimeSpan.FromSeconds(Interlocked.Read(ref secondsAhead));
    public UpstreamLimit Requests => requests;
    public UpstreamLimit Tokens => tokens;

    /// <summary>Notes how a request ended.</summary>
    public void Note(AnswerResult result)
    {
        if (result is AnswerResult.Failed failed) Note(failed.Failure);
        if (result is not AnswerResult.Completed) return;
        lock (gate) lastAnswerAt = time.GetUtcNow();
    }

    public void Note(AnswerFailure failure)
    {
        lock (gate)
        {
            if (!failures.TryGetValue(failure, out var tally)) failures[failure] = tally = new Tally();
            tally.Add(time.GetUtcNow());
        }
    }

    /// <summary>What failed within the hour, the most frequent first.</summary>
    public IReadOnlyList<UpstreamFailures> Failures
    {
        get
        {
            var now = time.GetUtcNow();
            lock (gate) return [.. failures.Select(f => new UpstreamFailures(f.Key, f.Value.Count(now), f.Value.LastAt)).Where(f => f.Count > 0).OrderByDescending(f => f.Count)];
        }
    }

    /// <summary>Whether the newest failure of a kind is newer than any answer.</summary>
    public bool IsFailing(AnswerFailure kind) => Failures.Any(f => f.Kind == kind && !(LastAnswerAt > f.LastAt));

    internal void Read(HttpResponseMessage response)
    {
        if (response.Headers.Date is { } date) Interlocked.Exchange(ref secondsAhead, (long)Math.Round((date - time.GetUtcNow()).TotalSeconds));
        requests = Limit(response, "requests") ?? requests;
        tokens = Limit(response, "tokens") ?? tokens;
    }

    private static UpstreamLimit? Limit(HttpResponseMessage response, string of) =>
        Number(response, $"x-ratelimit-remaining-{of}") is { } left ? new(left, Number(response, $"x-ratelimit-limit-{of}")) : null;

    private static long? Number(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    // A count for each minute of an hour: as small after a million failures as after one.
    private sealed class Tally
    {
        private readonly (long Minute, int Count)[] counts = new (long, int)[Minutes];

        public DateTimeOffset LastAt { get; private set; }

        public void Add(DateTimeOffset now)
        {
            var minute = MinuteOf(now);
            ref var slot = ref counts[minute % Minutes];
            slot = (minute, slot.Minute == minute ? slot.Count + 1 : 1);
            LastAt = now;
        }

        public int Count(DateTimeOffset now) => counts.Where(c => c.Minute > MinuteOf(now) - Minutes).Sum(c => c.Count);

        private static long MinuteOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;
    }
}
