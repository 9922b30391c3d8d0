using System.Diagnostics.Metrics;
using System.Globalization;
using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Stripe;
using ChatMvc.Chats;
using ChatMvc.Completions.Live;
using ChatMvc.Data;
using ChatMvc.Jobs;
using ChatMvc.Operators.State;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.Health;

/// <summary>Figures that stand in the rows: read when somebody asks for them, so that nobody who writes pays for them.</summary>
public sealed class StateFigures
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly IDbContextFactory<ChatDb> databases;
    private readonly JobQueue jobs;
    private readonly TimeProvider time;
    private volatile Seen? seen;

    public StateFigures(Meters meters, IDbContextFactory<ChatDb> databases, JobQueue jobs, LiveRooms rooms, DiskSpace disk, CeilingSettings ceilings, SmsSettings sms, ServerFacts facts, TimeProvider time)
    {
        (this.databases, this.jobs, this.time) = (databases, jobs, time);
        var meter = meters.Meter;
        meter.CreateObservableGauge("chatmvc.answers.running", () => rooms.Running.Count, description: "Answers being written now.");
        meter.CreateObservableGauge("chatmvc.stream.followers", () => rooms.FollowerCount, description: "Open streams of rooms.");
        meter.CreateObservableGauge("chatmvc.disk.free", () => disk.Free(), "By", "What is left where the data lies.");
        meter.CreateObservableGauge("chatmvc.database.size", () => disk.DatabaseSize, "By", "The database with its log.");
        meter.CreateObservableGauge("chatmvc.ceiling", () => (double)ceilings.ServerPerDay, "USD", "What all together may cost upstream in a day (UTC).");
        meter.CreateObservableGauge("chatmvc.sms.limit", () => sms.DailyLimit, description: "Text messages that may be sent in 24 hours.");
        meter.CreateObservableGauge("chatmvc.backup.age", () => BackupAge(facts), "s", "Since the newest backup; without end where there is none.");
        Observe(meter, "chatmvc.queue.length", null, "Answers that wait.", s => [new((double)s.Queue.Length)]);
        Observe(meter, "chatmvc.queue.age", "s", "How long the oldest of them has been waiting.", s => [new(s.Queue.Age.TotalSeconds)]);
        Observe(meter, "chatmvc.jobs", null, "Stored jobs: running, waiting, scheduled for later, dead.", s => ByState(s.Jobs));
        Observe(meter, "chatmvc.jobs.age", "s", "How long the oldest job that is due has been waiting.", s => [new((s.Jobs?.OldestWaiting ?? TimeSpan.Zero).TotalSeconds)]);
        Observe(meter, "chatmvc.clock.behind", "s", "How far the clock is behind the newest message.", s => [new(s.ClockBehind.TotalSeconds)]);
        Observe(meter, "chatmvc.spent.today", "USD", "What today (UTC) has cost upstream, with what is under way at its most.", s => [new(s.SpentMicros / 1_000_000d)]);
        Observe(meter, "chatmvc.sms.messages", null, "Text messages of the last 24 hours, by state.", s => ByState(s.Sms));
        Observe(meter, "chatmvc.webhooks", null, "Events of the last 24 hours by state; received and parked ones of all times.", s => ByState(s.Webhooks));
    }

    /// <summary>Reads them anew. Where the database cannot be read they are left out.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            seen = await ReadAsync(db, cancellation);
        }
        catch (SqliteException)
        {
            seen = null;
        }
    }

    /// <summary>How many answers wait that could run, and how long the oldest has.</summary>
    private static async Task<(int Length, TimeSpan Age)> QueueAsync(ChatDb db, DateTimeOffset now, CancellationToken cancellation)
    {
        var waiting = db.Messages.Unfinished().Where(m => m.State == MessageState.Queued && (m.NotBefore == null || m.NotBefore <= now));
        var oldest = await waiting.OrderBy(m => m.Id).Select(m => (DateTimeOffset?)m.CreatedAt).FirstOrDefaultAsync(cancellation);
        return oldest is { } since ? (await waiting.CountAsync(cancellation), Longest(now - since, TimeSpan.Zero)) : (0, TimeSpan.Zero);
    }

    /// <summary>Whether an answer has been waiting since before a moment though nothing of its person's is being written.</summary>
    public static Task<bool> StuckAsync(ChatDb db, DateTimeOffset before, CancellationToken cancellation) =>
        db.Messages.Unfinished().AnyAsync(m => m.State == MessageState.Queued && m.CreatedAt < before && (m.NotBefore == null || m.NotBefore < before)
            && !db.Messages.Any(other => (other.State == MessageState.Queued || other.State == MessageState.Streaming) && other.AskedById == m.AskedById && other.State == MessageState.Streaming), cancellation);

    /// <summary>How far the clock is behind what was written last; zero when it is not.</summary>
    public async Task<TimeSpan> ClockBehindAsync(ChatDb db, CancellationToken cancellation)
    {
        var newest = await db.Messages.OrderByDescending(m => m.Id).Select(m => (DateTimeOffset?)m.CreatedAt).FirstOrDefaultAsync(cancellation);
        return newest is { } at ? Longest(at - time.GetUtcNow(), TimeSpan.Zero) : TimeSpan.Zero;
    }

    private async Task<Seen> ReadAsync(ChatDb db, CancellationToken cancellation)
    {
        var (now, day) = (time.GetUtcNow(), DailyCost.DayOf(time.GetUtcNow()));
        var since = now - Day;
        var sms = await db.SmsMessages.Where(s => s.CreatedAt > since).GroupBy(s => s.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellation);
        var webhooks = await db.WebhookEvents.Where(e => e.ReceivedAt > since).GroupBy(e => e.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellation);
        webhooks[WebhookState.Received] = await db.WebhookEvents.CountAsync(e => e.State == WebhookState.Received, cancellation);
        webhooks[WebhookState.Parked] = await db.WebhookEvents.CountAsync(e => e.State == WebhookState.Parked, cancellation);
        var spent = await db.DailyCosts.Where(c => c.UserId == DailyCost.Server && c.Day == day).SumAsync(c => c.Micros, cancellation);
        return new Seen(await QueueAsync(db, now, cancellation), await ClockBehindAsync(db, cancellation), spent, sms, webhooks, await JobsAsync(cancellation));
    }

    private async Task<JobFigures?> JobsAsync(CancellationToken cancellation)
    {
        try
        {
            return jobs.IsOpen ? await jobs.FiguresAsync(cancellation) : null;
        }
        catch (JobsUnavailableException)
        {
            return null;
        }
    }

    private void Observe(Meter meter, string name, string? unit, string description, Func<Seen, IEnumerable<Measurement<double>>> values) =>
        meter.CreateObservableGauge<double>(name, () => seen is { } now ? values(now) : [], unit, description);

    // A state that nothing is in is zero and not silence: an alarm on it has to find it.
    private static IEnumerable<Measurement<double>> ByState<T>(Dictionary<T, int> counts) where T : struct, Enum =>
        Enum.GetValues<T>().Select(state => new Measurement<double>(counts.GetValueOrDefault(state), new KeyValuePair<string, object?>("state", state.ToString().ToLowerInvariant())));

    private static IEnumerable<Measurement<double>> ByState(JobFigures? jobs)
    {
        if (jobs is null) yield break;
        foreach (var (state, count) in new[] { ("running", jobs.Running), ("waiting", jobs.Waiting), ("scheduled", jobs.Scheduled), ("dead", jobs.Dead) })
            yield return new(count, new KeyValuePair<string, object?>("state", state));
    }

    // The fact begins with the time in milliseconds.
    private double BackupAge(ServerFacts facts) =>
        facts.Find(ServerFacts.LastBackup) is { } backup && long.TryParse(backup.Split(' ', ',', ';')[0], CultureInfo.InvariantCulture, out var made)
            ? (time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(made)).TotalSeconds
            : double.PositiveInfinity;

    private static TimeSpan Longest(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private sealed record Seen(
        (int Length, TimeSpan Age) Queue, TimeSpan ClockBehind, long SpentMicros, Dictionary<SmsState, int> Sms, Dictionary<WebhookState, int> Webhooks, JobFigures? Jobs);
}
