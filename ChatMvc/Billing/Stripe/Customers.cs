using ChatMvc.Billing.Ledger;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Stripe;

/// <summary>People as Stripe knows them: one customer each, made before the first purchase. Stripe learns no name and no number.</summary>
public sealed class Customers(ChatDb db, StripeClient stripe, StripeTurns turns, CreditLedger ledger, TimeProvider time)
{
    /// <summary>Null for a person who never set out to buy anything.</summary>
    public Task<string?> FindAsync(long person, CancellationToken cancellation) =>
        db.StripeCustomers.Where(c => c.UserId == person && c.LiveMode == ledger.LiveMode).Select(c => c.Id).SingleOrDefaultAsync(cancellation);

    /// <param name="person">Whose it is.</param>
    /// <param name="lost">One that Stripe does not know any more, to be replaced.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task<string> OfAsync(long person, string? lost, CancellationToken cancellation) => turns.TakeAsync($"customer-of-{person}", async () =>
    {
        if (await FindAsync(person, cancellation) is { } known && known != lost) return known;
        var made = await stripe.CreateCustomerAsync(KeyOf(person, lost), new() { [$"metadata[{StripeMetadata.Person}]"] = StripeMetadata.Of(person) }, cancellation);
        await db.WriteAsync(async () =>
        {
            db.ChangeTracker.Clear();
            await db.StripeCustomers.Where(c => c.UserId == person && c.LiveMode == ledger.LiveMode).ExecuteDeleteAsync(cancellation);
            db.StripeCustomers.Add(new StripeCustomer(made.Id, person, ledger.LiveMode, time.GetUtcNow()));
        }, cancellation);
        return made.Id;
    }, cancellation);

    private string KeyOf(long person, string? lost) => $"customer-{person}-{(ledger.LiveMode ? "live" : "test")}{(lost is null ? "" : $"-after-{lost}")}";
}
