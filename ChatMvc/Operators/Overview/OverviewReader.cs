using System.Diagnostics;
using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Stripe;
using ChatMvc.Billing.Usage;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Completions.Live;
using ChatMvc.Data;
using ChatMvc.Jobs;
using ChatMvc.Operators.State;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.Overview;

/// <summary>Reads the figures: off running sums and short ranges of indexes, so that a million messages make it no slower.</summary>
public sealed class OverviewReader(
    ChatDb db, Spending spending, LiveRooms rooms, UpstreamHealth upstream, SmsSettings sms, OtpSettings codes, JobQueue jobs, ServerFacts facts, DataDirectory data, TimeProvider time)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan FailedLately = TimeSpan.FromDays(30);
    private static readonly DateTime Began = Process.GetCurrentProcess().StartTime.ToUniversalTime();

    public async Task<OverviewFigures> ReadAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        // One connection for all that is read.
        await db.Database.OpenConnectionAsync(cancellation);
        try
        {
            return new OverviewFigures
            {
                Now = now,
                People = await db.Users.CountAsync(u => u.DeletedAt == null, cancellation),
                ActivePeople = rooms.PeopleCount,
                Answers = await AnswersAsync(now, cancellation),
                TokensToday = await TokensAsync(now, cancellation),
                SpentToday = (await spending.TodayAsync(db, DailyCost.Server)).Server,
                Ceiling = spending.ServerCeiling,
                Upstream = upstream,
                Sms = await SmsAsync(now, cancellation),
                Webhooks = await WebhooksAsync(now, cancellation),
                Jobs = await JobsAsync(cancellation),
                Disk = Disk(),
                Backup = BackupMade.Parse(facts.Find(ServerFacts.LastBackup)),
                InUseSince = await db.Users.OrderBy(u => u.Id).Select(u => (DateTimeOffset?)u.CreatedAt).FirstOrDefaultAsync(cancellation),
                Maintenance = facts.Find(ServerFacts.Maintenance),
                Uptime = DateTime.UtcNow - Began,
            };
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private async Task<AnswerFigures> AnswersAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var states = await db.Messages.Unfinished().GroupBy(m => m.State)
            .Select(g => new { State = g.Key, Count = g.Count(), Paused = g.Count(m => m.NotBefore > now) }).ToListAsync(cancellation);
        return new(Of(MessageState.Streaming), Of(MessageState.Queued), states.Sum(s => s.Paused));

        int Of(MessageState state) => states.Find(s => s.State == state)?.Count ?? 0;
    }

    // The sums begin with the person: each one's last quarters are looked up, which is as many steps as there are people.
    private async Task<long> TokensAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).ToUnixTimeMilliseconds() / Month.Quarter;
        return (await db.Database.SqlQuery<long>($"""
            WITH RECURSIVE person(Id) AS (
              SELECT MIN("UserId") FROM "UsageQuarters"
              UNION ALL SELECT (SELECT MIN("UserId") FROM "UsageQuarters" WHERE "UserId" > person.Id) FROM person WHERE person.Id IS NOT NULL)
            SELECT COALESCE(SUM(q."PromptTokens" + q."CompletionTokens"), 0) AS "Value"
            FROM person CROSS JOIN "UsageQuarters" AS q ON q."UserId" = person.Id AND q."Quarter" >= {today}
            """).ToListAsync(cancellation))[0];
    }

    private async Task<SmsFigures> SmsAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var (dayAgo, over) = (now - Day, now - codes.Lifetime);
        var states = await db.SmsMessages.Where(s => s.CreatedAt > dayAgo && s.State != SmsState.Withheld).GroupBy(s => s.State)
            .Select(g => new { State = g.Key, Count = g.Count() }).ToListAsync(cancellation);
        var used = await db.OneTimeCodes
            .Where(c => c.CreatedAt > dayAgo && c.Purpose != CodePurpose.Password && (c.RedeemedAt != null || c.CreatedAt < over)
                && db.SmsMessages.Any(s => s.CreatedAt == c.CreatedAt && s.To == c.Phone && s.State != SmsState.Withheld))
            .GroupBy(c => c.RedeemedAt != null).Select(g => new { IsUsed = g.Key, Count = g.Count() }).ToListAsync(cancellation);
        return new(states.Sum(s => s.Count), sms.DailyLimit, states.Where(s => s.State is SmsState.Failed or SmsState.Unknown or SmsState.Undelivered).Sum(s => s.Count),
            used.Sum(u => u.Count), used.Where(u => u.IsUsed).Sum(u => u.Count));
    }

    private async Task<WebhookFigures> WebhooksAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var lately = now - FailedLately;
        var open = await db.WebhookEvents.Where(e => e.State == WebhookState.Received || e.State == WebhookState.Parked).GroupBy(e => e.State)
            .Select(g => new { State = g.Key, Count = g.Count(), Oldest = (DateTimeOffset?)g.Min(e => e.ReceivedAt) }).ToListAsync(cancellation);
        var failed = await db.WebhookEvents.CountAsync(e => e.ReceivedAt > lately && e.State == WebhookState.Failed, cancellation);
        return new(Of(WebhookState.Received), Of(WebhookState.Parked), failed, open.Min(o => o.Oldest));

        int Of(WebhookState state) => open.Find(o => o.State == state)?.Count ?? 0;
    }

    private async Task<JobFigures?> JobsAsync(CancellationToken cancellation)
    {
        try
        {
            return await jobs.FiguresAsync(cancellation);
        }
        catch (JobsUnavailableException)
        {
            return null;
        }
    }

    private DiskFigures Disk()
    {
        var disk = new DriveInfo(data.Path);
        string[] files = [data.ChatDatabase, data.ChatDatabase + "-wal", data.JobsDatabase, data.JobsDatabase + "-wal"];
        return new(disk.AvailableFreeSpace, disk.TotalSize, files.Select(f => new FileInfo(f)).Where(f => f.Exists).Sum(f => f.Length));
    }
}
