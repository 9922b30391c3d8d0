using System.Globalization;
using ChatMvc.Billing.Ledger;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Stripe;

/// <summary>
/// Takes a deleted person off Stripe: open pages are closed, subscriptions cancelled, the customer deleted. The customer's
/// row goes last: as long as it is there, the sweep rings once more.
/// </summary>
public sealed class StripeFarewell(
    ChatDb db, StripeClient stripe, SubscriptionSync subscriptions, PurchaseSync purchases, CreditLedger ledger, ILogger<StripeFarewell> logger) : IJobHandler
{
    public static string Kind => "stripe-farewell";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var person = long.Parse(id, CultureInfo.InvariantCulture);
        if (!await db.Users.AnyAsync(u => u.Id == person && u.DeletedAt != null, stopping)) return;
        if (await CustomerOf(person).Select(c => c.Id).SingleOrDefaultAsync(stopping) is not { } customer) return;
        try
        {
            await ClosePagesAsync(person, stopping);
            await CancelAsync(person, stopping);
            await UnlessGoneAsync(() => stripe.DeleteCustomerAsync(customer, stopping));
            await db.WriteAsync(() => CustomerOf(person).ExecuteDeleteAsync(stopping), stopping);
            StripeLog.LeftStripe(logger, person);
        }
        catch (StripeException e)
        {
            StripeLog.StillAtStripe(logger, e, person);
        }
    }

    private IQueryable<StripeCustomer> CustomerOf(long person) => db.StripeCustomers.Where(c => c.UserId == person && c.LiveMode == ledger.LiveMode);

    private async Task ClosePagesAsync(long person, CancellationToken stopping)
    {
        var open = await db.Purchases.Where(p => p.UserId == person && p.LiveMode == ledger.LiveMode && p.State == PurchaseState.Open && p.SessionId != null)
            .Select(p => p.SessionId!).ToListAsync(stopping);
        foreach (var session in open)
        {
            try
            {
                await stripe.ExpireSessionAsync(session, stopping);
            }
            catch (StripeException e) when (!e.IsPassing)
            {
                // It is paid or over already.
            }
            await UnlessGoneAsync(() => purchases.SessionAsync(session, stopping));
        }
    }

    private async Task CancelAsync(long person, CancellationToken stopping)
    {
        foreach (var subscription in await subscriptions.LivingOf(person).ToListAsync(stopping))
        {
            await UnlessGoneAsync(() => stripe.CancelSubscriptionAsync(subscription, stopping));
            await UnlessGoneAsync(() => subscriptions.SubscriptionAsync(subscription, stopping));
        }
    }

    private static async Task UnlessGoneAsync<T>(Func<Task<T>> end)
    {
        try
        {
            await end();
        }
        catch (StripeException e) when (e.IsMissing)
        {
            // An earlier attempt came this far.
        }
    }
}
