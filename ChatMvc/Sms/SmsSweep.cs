using System.Globalization;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Sms;

/// <summary>
/// What a crash leaves behind: messages that wait without a job, also for another attempt, are rung for, messages that have
/// been sending for a minute are of unknown outcome, and old rows are forgotten. Writes nothing when there is nothing to do.
/// </summary>
public sealed class SmsSweep(ChatDb db, JobQueue jobs, Bell bell, TimeProvider time) : IJobHandler
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestSending = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Retention = TimeSpan.FromDays(30);
    private const int MaxAtOnce = 500;

    public static string Kind => "sms-sweep";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        await RingForWaitingAsync(now - Patience, stopping);
        await GiveUpSendingAsync(now - LongestSending, stopping);
        await ForgetAsync(now - Retention, stopping);
        await LiftBlocksAsync(now, stopping);
    }

    private async Task RingForWaitingAsync(DateTimeOffset before, CancellationToken stopping)
    {
        var waiting = await db.SmsMessages.Where(s => s.State == SmsState.Waiting && (s.NextAttemptAt ?? s.CreatedAt) < before)
            .OrderBy(s => s.CreatedAt).Select(s => s.Id).Take(MaxAtOnce).ToListAsync(stopping);
        if (waiting.Count == 0) return;
        var rung = await jobs.PendingIdsAsync<SendSms>(stopping);
        foreach (var id in waiting.Where(i => !rung.Contains(i.ToString(CultureInfo.InvariantCulture))))
            await bell.RingAsync<SendSms>(id);
    }

    // A row that waited long before it was claimed is given up early; its answer settles it all the same.
    private async Task GiveUpSendingAsync(DateTimeOffset before, CancellationToken stopping)
    {
        var stuck = db.SmsMessages.Where(s => s.State == SmsState.Sending && (s.NextAttemptAt ?? s.CreatedAt) < before);
        if (!await stuck.AnyAsync(stopping)) return;
        await db.WriteAsync(() => stuck.ExecuteUpdateAsync(set => set.SetProperty(s => s.State, SmsState.Unknown), stopping), stopping);
    }

    private async Task ForgetAsync(DateTimeOffset before, CancellationToken stopping)
    {
        var old = db.SmsMessages.Where(s => s.CreatedAt < before);
        if (!await old.AnyAsync(stopping)) return;
        await db.WriteAsync(() => old.ExecuteDeleteAsync(stopping), stopping);
    }

    private async Task LiftBlocksAsync(DateTimeOffset now, CancellationToken stopping)
    {
        var over = db.SmsBlocks.Where(b => b.Until <= now);
        if (!await over.AnyAsync(stopping)) return;
        await db.WriteAsync(() => over.ExecuteDeleteAsync(stopping), stopping);
    }
}
