using ChatMvc.Billing.Ledger;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Stripe;

/// <summary>
/// Makes purchases and credit say what Stripe says now. Each is asked for and written in one turn, and books differences
/// and first times alone: however often it runs, and after whichever news, the books end up the same.
/// </summary>
public sealed class PurchaseSync(
    ChatDb db, StripeClient stripe, StripeTurns turns, SubscriptionSync subscriptions, CreditLedger ledger, TimeProvider time, ILogger<PurchaseSync> logger)
{
    private const string NotATopUp = "It is about no top-up of ours.";

    /// <summary>A Checkout session: whether it was paid, and what of it was paid back since.</summary>
    public async Task<SyncOutcome> SessionAsync(string id, CancellationToken cancellation)
    {
        var (session, outcome) = await turns.TakeAsync(id, async () =>
        {
            var session = await stripe.SessionAsync(id, cancellation);
            return (session, await db.WriteAsync(() => ApplyAsync(session, cancellation), cancellation));
        }, cancellation);
        if (outcome.State != WebhookState.Done || session.Subscription is not { } subscription) return outcome;
        return await subscriptions.SubscriptionAsync(subscription, cancellation);
    }

    /// <summary>A charge: its refunds, which are a part of what its session is.</summary>
    public async Task<SyncOutcome> ChargeAsync(string id, CancellationToken cancellation) =>
        await SettledAsync(await stripe.ChargeAsync(id, cancellation), cancellation) is { } found ? found.Outcome : SyncOutcome.Ignored(NotATopUp);

    public async Task<SyncOutcome> RefundAsync(string id, CancellationToken cancellation) =>
        (await stripe.RefundAsync(id, cancellation)).Charge is { } charge ? await ChargeAsync(charge, cancellation) : SyncOutcome.Ignored(NotATopUp);

    public async Task<SyncOutcome> DisputeAsync(string id, CancellationToken cancellation)
    {
        // The top-up first: what was never booked cannot be taken.
        var found = (await stripe.DisputeAsync(id, cancellation)).Charge is { } charge ? await SettledAsync(charge, cancellation) : null;
        if (found is not { } settled) return SyncOutcome.Ignored(NotATopUp);
        if (settled.Outcome.State != WebhookState.Done) return settled.Outcome;
        return await turns.TakeAsync(id, async () =>
        {
            var dispute = await stripe.DisputeAsync(id, cancellation);
            return await db.WriteAsync(() => BookDisputeAsync(settled.Purchase, dispute), cancellation);
        }, cancellation);
    }

    private async Task<SyncOutcome> ApplyAsync(SessionObject session, CancellationToken cancellation)
    {
        db.ChangeTracker.Clear();
        var purchase = await db.Purchases.SingleOrDefaultAsync(p => p.Key == session.ClientReferenceId, cancellation)
            ?? await RegainAsync(session, cancellation);
        if (purchase is null) return SyncOutcome.Parked("No purchase of ours has its reference.");
        if (purchase.LiveMode != ledger.LiveMode) return SyncOutcome.Parked("Its purchase is of the other mode than this server.");
        var customer = await db.StripeCustomers.Where(c => c.UserId == purchase.UserId && c.LiveMode == purchase.LiveMode).Select(c => c.Id).SingleOrDefaultAsync(cancellation);
        if (purchase.WhyNot(session, customer) is { } why) return SyncOutcome.Parked(why);
        var before = purchase.State;
        purchase.Apply(session, time.GetUtcNow());
        if (purchase.State != before) StripeLog.PurchaseMoved(logger, purchase.Id, purchase.State);
        if (purchase is { IsTopUp: true, State: PurchaseState.Paid }) await BookAsync(purchase, session);
        return SyncOutcome.Done;
    }

    // A database that was restored lacks what was begun after its backup. Only a customer it knows tells whose it was: ids of people of
    // that time may be others' by now, and another server may share the account at Stripe.
    private async Task<Purchase?> RegainAsync(SessionObject session, CancellationToken cancellation)
    {
        if (await db.Purchases.AnyAsync(p => p.SessionId == session.Id, cancellation)) return null;
        var person = await db.StripeCustomers.Where(c => c.Id == session.Customer && c.LiveMode == session.Livemode).Select(c => (long?)c.UserId).SingleOrDefaultAsync(cancellation);
        if (person is not { } known || Purchase.Regained(session, known) is not { } regained) return null;
        db.Purchases.Add(regained);
        return regained;
    }

    private async Task BookAsync(Purchase purchase, SessionObject session)
    {
        var amount = Usd.OfCents(purchase.AmountCents);
        await ledger.BookAsync(db, purchase.UserId, LedgerKind.TopUp, amount, purchase.PaymentIntentId ?? session.Id, $"Credit of {amount}");
        if (session.PaymentIntent?.LatestCharge is { } charge) await BookRefundsAsync(purchase, charge);
    }

    // Stripe tells the sum of what was paid back, also after a refund that failed: what is booked is the difference.
    private async Task BookRefundsAsync(Purchase purchase, ChargeObject charge)
    {
        var (taken, returned) = (-await SumAsync(purchase, LedgerKind.Refund, charge.Id), await SumAsync(purchase, LedgerKind.RefundReversal, charge.Id));
        var owed = charge.AmountRefunded * Usd.MicrosPerCent - (taken - returned);
        // Each sum of its kind comes once, for it only grows.
        if (owed > 0) await ledger.BookAsync(db, purchase.UserId, LedgerKind.Refund, new Usd(-owed), ReferenceOf(charge, taken + owed), "Paid back to you");
        if (owed < 0) await ledger.BookAsync(db, purchase.UserId, LedgerKind.RefundReversal, new Usd(-owed), ReferenceOf(charge, returned - owed), "Your bank did not take what was paid back");
    }

    private static string ReferenceOf(ChargeObject charge, long sum) => $"{charge.Id}:{sum / Usd.MicrosPerCent}";

    private Task<long> SumAsync(Purchase purchase, LedgerKind kind, string charge) => db.LedgerEntries
        .Where(e => e.UserId == purchase.UserId && e.LiveMode == purchase.LiveMode && e.Kind == kind && e.Reference!.StartsWith(charge + ":"))
        .SumAsync(e => e.AmountMicros);

    private async Task<SyncOutcome> BookDisputeAsync(Purchase purchase, DisputeObject dispute)
    {
        db.ChangeTracker.Clear();
        if (dispute.Livemode != purchase.LiveMode) return SyncOutcome.Parked("It is of the other mode than its purchase.");
        if (dispute.Currency != "usd") return SyncOutcome.Parked("Its currency is not US dollars.");
        if (dispute.Amount > purchase.AmountCents) return SyncOutcome.Parked("It is about more than its purchase.");
        var amount = Usd.OfCents(dispute.Amount);
        if (dispute.Status is "needs_response" or "under_review" or "lost" or "appeal_needs_response" or "appeal_under_review" or "won")
            await ledger.BookAsync(db, purchase.UserId, LedgerKind.Dispute, -amount, dispute.Id, "Your bank took this payment back");
        // An inquiry takes nothing; what one that was prevented or closed had taken comes back.
        var wasTaken = await db.LedgerEntries.AnyAsync(e => e.Kind == LedgerKind.Dispute && e.Reference == dispute.Id);
        if (wasTaken && dispute.Status is "won" or "warning_closed" or "prevented")
            await ledger.BookAsync(db, purchase.UserId, LedgerKind.DisputeReversal, amount, dispute.Id, "Your payment was confirmed");
        return SyncOutcome.Done;
    }

    private async Task<(Purchase Purchase, SyncOutcome Outcome)?> SettledAsync(ChargeObject charge, CancellationToken cancellation)
    {
        if (await OfAsync(charge, cancellation) is not { } purchase) return null;
        if (purchase.SessionId is not { } session) throw new InvalidOperationException("The purchase of this charge has no page yet; its own news are on their way.");
        return (purchase, await SessionAsync(session, cancellation));
    }

    private Task<Purchase?> OfAsync(ChargeObject charge, CancellationToken cancellation)
    {
        var (intent, key) = (charge.PaymentIntent ?? "", charge.Metadata?.GetValueOrDefault(StripeMetadata.Purchase) ?? "");
        return db.Purchases.AsNoTracking().Where(p => p.Kind == PurchaseKind.TopUp && (p.PaymentIntentId == intent || p.Key == key))
            .OrderBy(p => p.Id).FirstOrDefaultAsync(cancellation);
    }
}
