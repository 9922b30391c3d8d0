using ChatMvc.Accounts;
using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Stripe;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing;

public enum Plan { Basic, Pro }

/// <summary>What a person has now.</summary>
/// <param name="Plan">Pro as long as a subscription entitles, or an operator gives it.</param>
/// <param name="Subscription">The one that decides it; on Basic the newest that may come back, or null.</param>
/// <param name="RenewsAt">When it is paid for again; null when it is not.</param>
/// <param name="EndsAt">When it ends, where that is settled.</param>
/// <param name="PastDueSince">Since when a payment is owed.</param>
/// <param name="GraceUntil">Until when Pro lasts although it is owed.</param>
public sealed record PlanState(
    Plan Plan, Subscription? Subscription, DateTimeOffset? RenewsAt, DateTimeOffset? EndsAt, DateTimeOffset? PastDueSince, DateTimeOffset? GraceUntil)
{
    /// <summary>Until when an operator gives Pro without payment; null while none does.</summary>
    public DateTimeOffset? GivenUntil { get; init; }
    /// <summary>Of it.</summary>
    public DateTimeOffset? LastGivenDay => GivenUntil?.AddTicks(-1);
    public bool IsPro => Plan == Plan.Pro;
}

/// <summary>Decides who is Pro, by the rows and the clock alone: at once when a payment is known, and no longer than it lasts.</summary>
public sealed class Plans(CreditLedger ledger, BillingSettings billing, TimeProvider time)
{
    private static readonly Func<ChatDb, long, bool, IAsyncEnumerable<Subscription>> Subscriptions =
        EF.CompileAsyncQuery((ChatDb db, long userId, bool liveMode) => db.Subscriptions.AsNoTracking()
            .Where(s => s.UserId == userId && s.LiveMode == liveMode));

    public bool AreSold => billing.Provider == BillingProvider.Stripe;

    /// <summary>Whether this person is Pro now: asked with every message.</summary>
    public async Task<bool> IsProAsync(ChatDb db, User person)
    {
        var now = time.GetUtcNow();
        if (person.ProUntil > now) return true;
        await foreach (var subscription in Subscriptions(db, person.Id, ledger.LiveMode))
            if (subscription.Entitles(now, billing.Grace)) return true;
        return false;
    }

    public async Task<PlanState> OfAsync(ChatDb db, User person, CancellationToken cancellation = default)
    {
        var (now, live) = (time.GetUtcNow(), ledger.LiveMode);
        var all = await db.Subscriptions.AsNoTracking().Where(s => s.UserId == person.Id && s.LiveMode == live).OrderByDescending(s => s.CreatedAt).ToListAsync(cancellation);
        var entitling = all.Find(s => s.Entitles(now, billing.Grace));
        var subscription = entitling ?? all.Find(s => s.IsAlive);
        var given = person.ProUntil > now ? person.ProUntil : null;
        var plan = entitling is null && given is null ? Plan.Basic : Plan.Pro;
        return new PlanState(plan, subscription,
            subscription is { CancelAt: null, Status: "active" or "trialing" } ? subscription.PeriodEnd : null,
            subscription?.CancelAt, subscription?.PastDueSince, subscription?.GraceUntil(billing.Grace))
        {
            GivenUntil = given,
        };
    }
}
