using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing;

/// <summary>How many free messages a person has now.</summary>
/// <param name="Limit">Messages in a window.</param>
/// <param name="Left">Of them, unused.</param>
/// <param name="NextAt">When the next used one comes back; null while none is used.</param>
public sealed record AllowanceState(int Limit, int Left, DateTimeOffset? NextAt)
{
    public bool IsUsedUp => Left <= 0;
}

/// <summary>The free messages in any rolling window: counted over rows with their times, in the transaction that takes one.</summary>
public sealed class Allowance(LimitSettings limits, BillingSettings billing, TimeProvider time)
{
    private static readonly Func<ChatDb, long, DateTimeOffset, int, IAsyncEnumerable<DateTimeOffset>> NewestTaken =
        EF.CompileAsyncQuery((ChatDb db, long userId, DateTimeOffset since, int most) => db.AllowanceUses
            .Where(u => u.UserId == userId && u.TakenAt > since && u.GivenBackAt == null)
            .OrderByDescending(u => u.TakenAt).Select(u => u.TakenAt).Take(most));

    /// <summary>Where nothing is sold, nothing is limited.</summary>
    public bool Applies => billing.Provider != BillingProvider.None;

    public async Task<AllowanceState?> OfAsync(ChatDb db, long userId, CancellationToken cancellation = default)
    {
        if (!Applies) return null;
        var since = time.GetUtcNow() - limits.Window;
        var taken = await NewestTaken(db, userId, since, Math.Max(limits.BasicMessages, 1)).ToListAsync(cancellation);
        return new AllowanceState(limits.BasicMessages, Math.Max(0, limits.BasicMessages - taken.Count),
            taken.Count == 0 ? null : taken[^1] + limits.Window);
    }

    /// <summary>Takes one for an answer. To be called inside the transaction that read <see cref="OfAsync"/>.</summary>
    public void Take(ChatDb db, long userId, long answerId) => db.AllowanceUses.Add(new AllowanceUse(userId, answerId, time.GetUtcNow()));

    /// <summary>Gives back, once, what an answer took.</summary>
    public Task GiveBackAsync(ChatDb db, long answerId) => db.AllowanceUses
        .Where(u => u.AnswerId == answerId && u.GivenBackAt == null)
        .ExecuteUpdateAsync(set => set.SetProperty(u => u.GivenBackAt, time.GetUtcNow()));
}
