using ChatMvc.Billing.Ledger;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Stripe;

/// <summary>Where somebody who wants to buy goes.</summary>
public abstract record CheckoutStart
{
    /// <summary>To Stripe's page.</summary>
    public sealed record Pay(Uri Page) : CheckoutStart;
    /// <summary>It was paid meanwhile, in another tab.</summary>
    public sealed record Paid(string SessionId) : CheckoutStart;
    /// <summary>There is a subscription already; a second one would be paid twice.</summary>
    public sealed record Subscribed : CheckoutStart;
}

/// <summary>
/// Takes people to Stripe's page. The purchase is a row before Stripe hears of it, and one row for a thing however often it
/// is pressed: Stripe is asked under the row's key, with what stands in the row, and so makes one page.
/// </summary>
public sealed class Checkouts(
    ChatDb db, StripeClient stripe, Customers customers, PurchaseSync sync, CreditLedger ledger, Upstreams upstreams, SiteSettings site, TimeProvider time,
    ILogger<Checkouts> logger)
{
    private const int MaxTries = 4;

    /// <param name="person">Who buys.</param>
    /// <param name="kind">What.</param>
    /// <param name="cents">For how much; 0 for Pro.</param>
    /// <param name="here">The address of this server as people use it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="StripeException">Stripe could not be reached, or refused; pressing again asks for the same.</exception>
    public Task<CheckoutStart> BeginAsync(long person, PurchaseKind kind, long cents, Uri here, CancellationToken cancellation) =>
        StripeClient.WithinPatienceAsync(async patience =>
        {
            string? lost = null;
            for (var attempt = 1; ; attempt++)
            {
                if (await FindOrMakeAsync(person, kind, cents, patience) is not { } purchase) return new CheckoutStart.Subscribed();
                try
                {
                    if (purchase.SessionId is null) return await OfferAsync(purchase, await customers.OfAsync(person, lost, patience), here, patience);
                    if (await ReturnAsync(purchase, patience) is { } start) return start;
                }
                catch (StripeException e) when (attempt < MaxTries && e is { IsMissing: true, Param: "customer" })
                {
                    lost = await customers.FindAsync(person, patience);
                }
                catch (StripeException e) when (attempt < MaxTries && e.IsKeyUsedOtherwise)
                {
                    // Asked for under another address of this server; nobody has seen that page.
                    await GiveUpAsync(purchase);
                }
                catch (StripeException e)
                {
                    if (e.WasReplayed) await GiveUpAsync(purchase);
                    if (!e.IsPassing) StripeLog.CheckoutRefused(logger, e, purchase.Id, e.Code, e.Param);
                    throw;
                }
            }
        }, cancellation);

    private Task<Purchase?> FindOrMakeAsync(long person, PurchaseKind kind, long cents, CancellationToken cancellation) => db.WriteAsync(async () =>
    {
        db.ChangeTracker.Clear();
        var (now, live) = (time.GetUtcNow(), ledger.LiveMode);
        if (kind == PurchaseKind.Pro && (await db.Subscriptions.Where(s => s.UserId == person && s.LiveMode == live).ToListAsync(cancellation)).Exists(s => s.IsAlive)) return null;
        var open = await db.Purchases.SingleOrDefaultAsync(
            p => p.UserId == person && p.LiveMode == live && p.Kind == kind && p.AmountCents == cents && p.State == PurchaseState.Open, cancellation);
        if (open?.CanBeOffered(now) == true) return open;
        open?.Expire(now);
        // Before the new one: there is only one open at a time.
        await db.SaveChangesAsync(cancellation);
        var purchase = new Purchase(person, live, kind, cents, now);
        db.Purchases.Add(purchase);
        return purchase;
    }, cancellation);

    private async Task<CheckoutStart> OfferAsync(Purchase purchase, string customer, Uri here, CancellationToken cancellation)
    {
        var session = await stripe.CreateSessionAsync(purchase.CheckoutKey, ParametersOf(purchase, customer, here), cancellation);
        await ChangeAsync(purchase, p => p.Offer(session));
        return new CheckoutStart.Pay(PageOf(session));
    }

    // Stripe's page may be paid, or over, without our having heard of it.
    private async Task<CheckoutStart?> ReturnAsync(Purchase purchase, CancellationToken cancellation)
    {
        try
        {
            var session = await stripe.SessionAsync(purchase.SessionId!, cancellation);
            if (session.Status == "open") return new CheckoutStart.Pay(PageOf(session));
            await sync.SessionAsync(session.Id, cancellation);
            if (session.Status == "complete") return new CheckoutStart.Paid(session.Id);
        }
        catch (StripeException e) when (e.IsMissing)
        {
            // Another account of Stripe's, or another sandbox.
        }
        await GiveUpAsync(purchase);
        return null;
    }

    private Dictionary<string, string> ParametersOf(Purchase purchase, string customer, Uri here)
    {
        var address = here.AbsoluteUri.TrimEnd('/');
        var parameters = new Dictionary<string, string>
        {
            ["mode"] = purchase.IsTopUp ? "payment" : "subscription",
            ["customer"] = customer,
            ["client_reference_id"] = purchase.Key,
            ["success_url"] = address + "/billing/done?session_id={CHECKOUT_SESSION_ID}",
            ["cancel_url"] = address + "/billing?notice=cancelled",
            ["expires_at"] = StripeMetadata.Of(purchase.OfferEnds.ToUnixTimeSeconds()),
            ["line_items[0][quantity]"] = "1",
        };
        // Stripe copies nothing from the page to what comes of it.
        foreach (var place in new[] { "metadata", purchase.IsTopUp ? "payment_intent_data[metadata]" : "subscription_data[metadata]" })
        {
            parameters[$"{place}[{StripeMetadata.Person}]"] = StripeMetadata.Of(purchase.UserId);
            parameters[$"{place}[{StripeMetadata.Purchase}]"] = purchase.Key;
        }
        if (!purchase.IsTopUp)
        {
            parameters["line_items[0][price]"] = upstreams.Stripe.ProPriceId;
            return parameters;
        }
        parameters["line_items[0][price_data][currency]"] = "usd";
        parameters["line_items[0][price_data][unit_amount]"] = StripeMetadata.Of(purchase.AmountCents);
        parameters["line_items[0][price_data][product_data][name]"] = $"{site.Name}: credit of {Usd.OfCents(purchase.AmountCents)}";
        return parameters;
    }

    private Task GiveUpAsync(Purchase purchase) => ChangeAsync(purchase, p => p.Expire(time.GetUtcNow()));

    // Not cancelled: what Stripe has done is written down.
    private Task ChangeAsync(Purchase purchase, Action<Purchase> change) => db.WriteAsync(async () =>
    {
        db.ChangeTracker.Clear();
        change(await db.Purchases.SingleAsync(p => p.Id == purchase.Id));
    });

    private static Uri PageOf(SessionObject session) =>
        Uri.TryCreate(session.Url, UriKind.Absolute, out var page) && page.Scheme is "https" or "http" ? page : throw new InvalidOperationException("Stripe gave no page to pay on.");
}
