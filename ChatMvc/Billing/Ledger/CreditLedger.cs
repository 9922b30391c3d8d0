using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Ledger;

/// <summary>
/// The books of prepaid credit, in the running mode alone. Whatever adds a row has to be called inside
/// <see cref="ChatDb.WriteAsync{T}"/>, which makes the balance read here the one that the row continues.
/// </summary>
public sealed class CreditLedger(Upstreams upstreams, StripeSettings stripe, TimeProvider time)
{
    private static readonly Func<ChatDb, long, bool, Task<long>> NewestBalance =
        EF.CompileAsyncQuery((ChatDb db, long userId, bool liveMode) => db.LedgerEntries
            .Where(e => e.UserId == userId && e.LiveMode == liveMode).OrderByDescending(e => e.Id).Select(e => e.BalanceMicros).FirstOrDefault());

    /// <summary>Whether real money is at stake: never in the sandbox or with a test key.</summary>
    public bool LiveMode => !upstreams.StripeIsSandbox && stripe.IsLive;

    public async Task<Usd> BalanceAsync(ChatDb db, long userId) => new(await NewestBalance(db, userId, LiveMode));

    /// <summary>Takes the most that an answer may cost. The caller has seen that the balance covers it.</summary>
    public Task HoldAsync(ChatDb db, long userId, long answerId, Usd most) =>
        AddAsync(db, userId, LedgerKind.Hold, -most, answerId, reference: null, reason: null);

    /// <summary>
    /// Ends a hold, once: what was not charged goes back. Returns what was charged, at most the hold; null where there was
    /// no hold, or it had been ended.
    /// </summary>
    public async Task<Usd?> SettleAsync(ChatDb db, long answerId, Usd cost)
    {
        if (await OpenHoldAsync(db, answerId) is not { } hold) return null;
        var charge = new Usd(Math.Clamp(cost.Micros, 0, -hold.AmountMicros));
        await AddAsync(db, hold.UserId, LedgerKind.Settle, -hold.Amount - charge, answerId, reference: null, reason: null, hold.LiveMode);
        return charge;
    }

    /// <summary>Gives a whole hold back, once.</summary>
    public async Task ReleaseAsync(ChatDb db, long answerId)
    {
        if (await OpenHoldAsync(db, answerId) is not { } hold) return;
        await AddAsync(db, hold.UserId, LedgerKind.Release, -hold.Amount, answerId, reference: null, reason: null, hold.LiveMode);
    }

    /// <summary>
    /// Books a payment, or one taken back. False when the same reference was booked under this kind before, which changes
    /// nothing: two events may speak of one payment.
    /// </summary>
    /// <param name="db">Inside a write.</param>
    /// <param name="userId">Whose credit.</param>
    /// <param name="kind">Not a hold, settlement or release.</param>
    /// <param name="amount">Signed.</param>
    /// <param name="reference">The vendor's object, with its running total where it moves money several times.</param>
    /// <param name="reason">For the person, at most 200 characters.</param>
    public async Task<bool> BookAsync(ChatDb db, long userId, LedgerKind kind, Usd amount, string reference, string? reason = null)
    {
        if (await db.LedgerEntries.AnyAsync(e => e.Kind == kind && e.Reference == reference)) return false;
        await AddAsync(db, userId, kind, amount, answerId: null, reference, reason);
        return true;
    }

    private static Task<LedgerEntry?> OpenHoldAsync(ChatDb db, long answerId) => db.LedgerEntries.AsNoTracking()
        .Where(e => e.AnswerId == answerId && e.Kind == LedgerKind.Hold
            && !db.LedgerEntries.Any(end => end.AnswerId == answerId && (end.Kind == LedgerKind.Settle || end.Kind == LedgerKind.Release)))
        .SingleOrDefaultAsync();

    // Saved at once: the next row of the same transaction continues from this balance.
    private async Task AddAsync(
        ChatDb db, long userId, LedgerKind kind, Usd amount, long? answerId, string? reference, string? reason, bool? liveMode = null)
    {
        var mode = liveMode ?? LiveMode;
        var balance = new Usd(await NewestBalance(db, userId, mode)) + amount;
        db.LedgerEntries.Add(new LedgerEntry(userId, mode, kind, amount, balance, time.GetUtcNow())
        {
            AnswerId = answerId,
            Reference = reference,
            Reason = reason,
        });
        await db.SaveChangesAsync();
    }
}
