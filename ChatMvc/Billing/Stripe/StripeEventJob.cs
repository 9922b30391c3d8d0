using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Stripe;

/// <summary>Works on one event: Stripe is asked for what it is about. Running twice changes nothing the second time.</summary>
public sealed class StripeEventJob(ChatDb db, PurchaseSync purchases, SubscriptionSync subscriptions, Bell bell, TimeProvider time, ILogger<StripeEventJob> logger) : IJobHandler
{
    /// <summary>Far below what Stripe takes in a second, in a sandbox too.</summary>
    public const int AtOnce = 8;

    public static string Kind => "stripe-event";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        if (await db.WebhookEvents.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id && e.State == WebhookState.Received, stopping) is not { } received) return;
        try
        {
            var outcome = await ApplyAsync(received, stopping);
            await EndAsync(id, row => row.End(outcome, time.GetUtcNow()));
        }
        catch (StripeException failure) when (failure.IsMissing)
        {
            await EndAsync(id, row => row.End(SyncOutcome.Parked("Stripe does not know what it is about."), time.GetUtcNow()));
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            await TryLaterAsync(id, e);
        }
    }

    private Task<SyncOutcome> ApplyAsync(WebhookEvent received, CancellationToken stopping) => EventTypes.SubjectOf(received.Type) switch
    {
        EventSubject.Session => purchases.SessionAsync(received.ObjectId!, stopping),
        EventSubject.Charge => purchases.ChargeAsync(received.ObjectId!, stopping),
        EventSubject.Refund => purchases.RefundAsync(received.ObjectId!, stopping),
        EventSubject.Dispute => purchases.DisputeAsync(received.ObjectId!, stopping),
        EventSubject.Subscription => subscriptions.SubscriptionAsync(received.ObjectId!, stopping),
        EventSubject.Invoice => subscriptions.InvoiceAsync(received.ObjectId!, stopping),
        EventSubject.Customer => subscriptions.CustomerAsync(received.ObjectId!, stopping),
        _ => Task.FromResult(SyncOutcome.Ignored("Events of its type change nothing here.")),
    };

    private async Task TryLaterAsync(string id, Exception e)
    {
        var reason = e is StripeException { Status: > 0 } failure ? $"Stripe answered {failure.Status}, request {failure.RequestId}." : "Stripe did not answer, or the answer could not be written.";
        if (await EndAsync(id, row => row.TryLater(reason, time.GetUtcNow())) is not { NextAttemptAt: { } next } row) return;
        StripeLog.EventTriedAgainLater(logger, e, id, row.Type, row.Attempts, next);
        await bell.RingAsync<StripeEventJob>(id, next);
    }

    // The first who is through ends it.
    private async Task<WebhookEvent?> EndAsync(string id, Action<WebhookEvent> end)
    {
        var ended = await db.WriteAsync(async () =>
        {
            db.ChangeTracker.Clear();
            var row = await db.WebhookEvents.SingleOrDefaultAsync(e => e.Id == id && e.State == WebhookState.Received);
            if (row is not null) end(row);
            return row;
        });
        if (ended is { State: WebhookState.Parked or WebhookState.Failed }) StripeLog.EventStuck(logger, id, ended.Type, ended.ObjectId, ended.State, ended.Reason);
        else if (ended is { State: not WebhookState.Received }) StripeLog.EventEnded(logger, id, ended.Type, ended.ObjectId, ended.State);
        return ended;
    }
}
