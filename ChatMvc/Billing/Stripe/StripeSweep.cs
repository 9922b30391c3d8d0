using System.Globalization;
using ChatMvc.Billing.Ledger;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Stripe;

/// <summary>
/// The guarantee under the jobs of this folder: events that wait without a job and people who are gone but still at Stripe
/// are rung for, and old events are forgotten. Writes nothing when there is nothing to do.
/// </summary>
public sealed class StripeSweep(ChatDb db, JobQueue jobs, Bell bell, CreditLedger ledger, TimeProvider time) : IJobHandler
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    // Longer than Stripe keeps them, so that none comes in a second time.
    private static readonly TimeSpan Retention = TimeSpan.FromDays(60);
    private const int MaxAtOnce = 500;

    public static string Kind => "stripe-sweep";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        await RingForEventsAsync(stopping);
        await RingForTheGoneAsync(stopping);
        await ForgetAsync(stopping);
    }

    private async Task RingForEventsAsync(CancellationToken stopping)
    {
        var before = time.GetUtcNow() - Patience;
        var waiting = await db.WebhookEvents.Where(e => e.State == WebhookState.Received && (e.NextAttemptAt ?? e.ReceivedAt) < before)
            .OrderBy(e => e.ReceivedAt).Select(e => e.Id).Take(MaxAtOnce).ToListAsync(stopping);
        if (waiting.Count == 0) return;
        var rung = await jobs.PendingIdsAsync<StripeEventJob>(stopping);
        foreach (var id in waiting.Where(i => !rung.Contains(i))) await bell.RingAsync<StripeEventJob>(id);
    }

    private async Task RingForTheGoneAsync(CancellationToken stopping)
    {
        var gone = await db.StripeCustomers.Where(c => c.LiveMode == ledger.LiveMode && db.Users.Any(u => u.Id == c.UserId && u.DeletedAt != null))
            .OrderBy(c => c.UserId).Select(c => c.UserId).Take(MaxAtOnce).ToListAsync(stopping);
        if (gone.Count == 0) return;
        var rung = await jobs.PendingIdsAsync<StripeFarewell>(stopping);
        foreach (var person in gone.Where(i => !rung.Contains(i.ToString(CultureInfo.InvariantCulture)))) await bell.RingAsync<StripeFarewell>(person);
    }

    private async Task ForgetAsync(CancellationToken stopping)
    {
        var before = time.GetUtcNow() - Retention;
        var old = db.WebhookEvents.Where(e => e.ReceivedAt < before && (e.State == WebhookState.Done || e.State == WebhookState.Ignored));
        if (await old.AnyAsync(stopping)) await db.WriteAsync(() => old.ExecuteDeleteAsync(stopping), stopping);
    }
}
