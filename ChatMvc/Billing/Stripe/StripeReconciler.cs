using ChatMvc.Billing.Ledger;
using ChatMvc.Data;
using ChatMvc.Jobs;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Stripe;

/// <summary>
/// Compares our rows with what Stripe has, once a day and at a start after an absence, and so repairs what never arrived:
/// events that nobody took, subscriptions that stand otherwise there, pages that were paid or are over.
/// </summary>
public sealed class StripeReconciler(
    ChatDb db, StripeClient stripe, StripeInbox inbox, PurchaseSync purchases, SubscriptionSync subscriptions, CreditLedger ledger, Boot boot, TimeProvider time,
    ILogger<StripeReconciler> logger) : IJobHandler
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    /// <summary>Away for longer than this, a start looks at once.</summary>
    private static readonly TimeSpan Absence = TimeSpan.FromHours(1);
    /// <summary>Two looks overlap: Stripe's clock is not ours, and an event may be told late.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(1);
    private static readonly TimeSpan StripeKeepsEvents = TimeSpan.FromDays(30);
    private const int MaxPages = 100;
    private const int MaxPurchases = 1_000;

    public static string Kind => "stripe-reconciliation";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var last = await db.Reconciliations.AsNoTracking().Where(r => r.LiveMode == ledger.LiveMode && r.FinishedAt != null)
            .OrderByDescending(r => r.StartedAt).FirstOrDefaultAsync(stopping);
        if (!IsDue(last) || !await HasAnythingThereAsync(stopping)) return;
        await ReconcileAsync(last?.StartedAt, stopping);
    }

    /// <summary>One comparison, now.</summary>
    /// <param name="since">When the last one began; null for the first.</param>
    /// <param name="stopping">Cuts it off; the next start begins it anew.</param>
    public async Task<Reconciliation> ReconcileAsync(DateTimeOffset? since, CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        var run = await db.WriteAsync(() => Task.FromResult(db.Reconciliations.Add(new Reconciliation(ledger.LiveMode, now)).Entity), stopping);
        try
        {
            var (earliest, from) = (now - StripeKeepsEvents, since - Overlap ?? DateTimeOffset.MinValue);
            var events = await TakeEventsAsync(run, from > earliest ? from : earliest, stopping);
            var repaired = await CompareSubscriptionsAsync(run, stopping) + await ComparePurchasesAsync(stopping);
            await FinishAsync(run, events, repaired);
            StripeLog.Reconciled(logger, run.Id, events, repaired);
        }
        catch (StripeException e)
        {
            StripeLog.ReconciliationFailed(logger, e, run.Id);
        }
        return run;
    }

    private bool IsDue(Reconciliation? last)
    {
        if (last is null) return true;
        var age = time.GetUtcNow() - last.StartedAt;
        return age >= Day || age >= Absence && last.StartedAt < boot.StartedAt;
    }

    // A server where nobody ever bought anything has nothing to ask.
    private Task<bool> HasAnythingThereAsync(CancellationToken stopping) => db.StripeCustomers.AnyAsync(c => c.LiveMode == ledger.LiveMode, stopping);

    private async Task<int> TakeEventsAsync(Reconciliation run, DateTimeOffset since, CancellationToken stopping)
    {
        var found = 0;
        await foreach (var page in PagesAsync(run, "events", after => stripe.EventsAsync(since, after, stopping), e => e.Id))
        {
            var acted = page.Where(e => StripeInbox.IsReadable(e) && EventTypes.SubjectOf(e.Type!) is not null).ToList();
            if (acted.Count > 0) found += await inbox.TakeAsync(acted, stopping);
        }
        return found;
    }

    private async Task<int> CompareSubscriptionsAsync(Reconciliation run, CancellationToken stopping)
    {
        var repaired = 0;
        var seen = new HashSet<string>();
        await foreach (var page in PagesAsync(run, "subscriptions", after => stripe.SubscriptionsAsync(after, stopping), s => s.Id))
        {
            foreach (var told in page.Where(s => s.Livemode == ledger.LiveMode && seen.Add(s.Id)))
                if (await NeedsRepairAsync(told, stopping)) repaired += await RepairAsync(() => subscriptions.SubscriptionAsync(told.Id, stopping));
        }
        return repaired;
    }

    private async Task<bool> NeedsRepairAsync(SubscriptionObject told, CancellationToken stopping) =>
        await db.Subscriptions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == told.Id, stopping) is { } ours
            ? ours.Differs(told)
            // What others sell on the same account is not ours.
            : await db.StripeCustomers.AnyAsync(c => c.Id == told.Customer, stopping);

    private async Task<int> ComparePurchasesAsync(CancellationToken stopping)
    {
        var repaired = 0;
        var open = await db.Purchases.AsNoTracking().Where(p => p.LiveMode == ledger.LiveMode && (p.State == PurchaseState.Open || p.State == PurchaseState.Waiting) && p.SessionId != null)
            .OrderBy(p => p.Id).Take(MaxPurchases).ToListAsync(stopping);
        foreach (var purchase in open)
        {
            await RepairAsync(() => purchases.SessionAsync(purchase.SessionId!, stopping));
            if (await db.Purchases.AnyAsync(p => p.Id == purchase.Id && p.State != purchase.State, stopping)) repaired++;
        }
        return repaired;
    }

    private static async Task<int> RepairAsync(Func<Task<SyncOutcome>> ask)
    {
        try
        {
            return (await ask()).State == WebhookState.Done ? 1 : 0;
        }
        catch (StripeException e) when (e.IsMissing)
        {
            return 0;
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<T>> PagesAsync<T>(Reconciliation run, string list, Func<string?, Task<ListObject<T>>> ask, Func<T, string?> idOf)
    {
        string? after = null;
        for (var page = 1; page <= MaxPages; page++)
        {
            var told = await ask(after);
            yield return told.Data;
            if (!told.HasMore || told.Data.Count == 0) yield break;
            after = idOf(told.Data[^1]);
        }
        StripeLog.TooManyPages(logger, run.Id, MaxPages, list);
    }

    private Task FinishAsync(Reconciliation run, int events, int repaired) => db.WriteAsync(async () =>
    {
        db.ChangeTracker.Clear();
        var row = await db.Reconciliations.SingleAsync(r => r.Id == run.Id);
        row.Count(events, repaired);
        row.Finish(time.GetUtcNow());
    });
}
