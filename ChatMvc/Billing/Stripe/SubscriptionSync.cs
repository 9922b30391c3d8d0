using ChatMvc.Billing.Ledger;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Stripe;

/// <summary>Makes subscriptions and invoices say what Stripe says now, each asked for and written in one turn.</summary>
public sealed class SubscriptionSync(
    ChatDb db, StripeClient stripe, StripeTurns turns, CreditLedger ledger, Upstreams upstreams, TimeProvider time, ILogger<SubscriptionSync> logger)
{
    private static readonly SyncOutcome OtherMode = SyncOutcome.Parked("It is of the other mode than this server.");
    private static readonly SyncOutcome UnknownCustomer = SyncOutcome.Parked("Nobody here is its customer.");

    public Task<SyncOutcome> SubscriptionAsync(string id, CancellationToken cancellation) => turns.TakeAsync(id, async () =>
    {
        var now = time.GetUtcNow();
        var told = await stripe.SubscriptionAsync(id, cancellation);
        return await db.WriteAsync(() => ApplyAsync(told, now, cancellation), cancellation);
    }, cancellation);

    /// <summary>An invoice, and then the subscription that it is for.</summary>
    public async Task<SyncOutcome> InvoiceAsync(string id, CancellationToken cancellation)
    {
        var (told, outcome) = await turns.TakeAsync(id, async () =>
        {
            var told = await stripe.InvoiceAsync(id, cancellation);
            return (told, await db.WriteAsync(() => ApplyAsync(told, cancellation), cancellation));
        }, cancellation);
        return outcome.State == WebhookState.Done && told.Subscription is { } subscription ? await SubscriptionAsync(subscription, cancellation) : outcome;
    }

    /// <summary>A customer who was deleted at Stripe, where that ends all subscriptions.</summary>
    public async Task<SyncOutcome> CustomerAsync(string id, CancellationToken cancellation)
    {
        var person = await db.StripeCustomers.Where(c => c.Id == id && c.LiveMode == ledger.LiveMode).Select(c => (long?)c.UserId).SingleOrDefaultAsync(cancellation);
        if (person is null) return SyncOutcome.Ignored("Nobody here is this customer.");
        foreach (var subscription in await LivingOf(person.Value).ToListAsync(cancellation)) await SubscriptionAsync(subscription, cancellation);
        return SyncOutcome.Done;
    }

    /// <summary>The ids of a person's subscriptions that had not ended when Stripe was last asked.</summary>
    public IQueryable<string> LivingOf(long person) => db.Subscriptions
        .Where(s => s.UserId == person && s.LiveMode == ledger.LiveMode && s.Status != "canceled" && s.Status != "incomplete_expired").OrderBy(s => s.Id).Select(s => s.Id);

    private async Task<SyncOutcome> ApplyAsync(SubscriptionObject told, DateTimeOffset now, CancellationToken cancellation)
    {
        db.ChangeTracker.Clear();
        if (told.Livemode != ledger.LiveMode) return OtherMode;
        var subscription = await db.Subscriptions.SingleOrDefaultAsync(s => s.Id == told.Id, cancellation);
        if (subscription is null)
        {
            if (await PersonOfAsync(told.Customer, cancellation) is not { } person) return UnknownCustomer;
            if (await WhyNotAsync(told, person, cancellation) is { } why) return SyncOutcome.Parked(why);
            db.Subscriptions.Add(subscription = new Subscription(told.Id, person, told.Livemode));
        }
        var before = subscription.Status;
        subscription.Apply(told, now);
        if (subscription.Status != before) StripeLog.SubscriptionMoved(logger, subscription.Id, subscription.UserId, subscription.Status);
        await EndPurchaseAsync(told, cancellation);
        return SyncOutcome.Done;
    }

    // Known by its price, or bought here when Pro had another price.
    private async Task<string?> WhyNotAsync(SubscriptionObject told, long person, CancellationToken cancellation)
    {
        if (told.Metadata?.GetValueOrDefault(StripeMetadata.Person) is { } named && named != StripeMetadata.Of(person)) return "Its metadata name another person.";
        if (told.Parts.Any(p => p.Price == upstreams.Stripe.ProPriceId)) return null;
        var key = told.Metadata?.GetValueOrDefault(StripeMetadata.Purchase);
        return await db.Purchases.AnyAsync(p => p.Key == key && p.UserId == person && p.Kind == PurchaseKind.Pro, cancellation) ? null : "Its price is not that of Pro.";
    }

    // A delayed first payment that never came leaves its purchase waiting for good.
    private async Task EndPurchaseAsync(SubscriptionObject told, CancellationToken cancellation)
    {
        if (told.Status is not ("past_due" or "unpaid" or "canceled" or "incomplete_expired")) return;
        var key = told.Metadata?.GetValueOrDefault(StripeMetadata.Purchase);
        var waiting = await db.Purchases.SingleOrDefaultAsync(p => p.Key == key && p.State == PurchaseState.Waiting, cancellation);
        waiting?.Fail(time.GetUtcNow());
    }

    private async Task<SyncOutcome> ApplyAsync(InvoiceObject told, CancellationToken cancellation)
    {
        db.ChangeTracker.Clear();
        if (told.Livemode != ledger.LiveMode) return OtherMode;
        var invoice = await db.Invoices.SingleOrDefaultAsync(i => i.Id == told.Id, cancellation);
        if (invoice is null)
        {
            var person = await PersonOfAsync(told.Customer, cancellation)
                ?? await db.Subscriptions.Where(s => s.Id == told.Subscription).Select(s => (long?)s.UserId).SingleOrDefaultAsync(cancellation);
            if (person is null) return UnknownCustomer;
            db.Invoices.Add(invoice = new Invoice(told.Id, person.Value, told.Livemode, StripeJson.Time(told.Created)));
        }
        invoice.Apply(told);
        return SyncOutcome.Done;
    }

    private Task<long?> PersonOfAsync(string? customer, CancellationToken cancellation) =>
        db.StripeCustomers.Where(c => c.Id == customer && c.LiveMode == ledger.LiveMode).Select(c => (long?)c.UserId).SingleOrDefaultAsync(cancellation);
}
