using ChatMvc.Accounts;
using ChatMvc.Billing.Ledger;
using ChatMvc.Chats;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing;

/// <summary>What is spent today upstream, or promised to answers that wait.</summary>
/// <param name="Person">By one person.</param>
/// <param name="Server">By everybody.</param>
/// <param name="Underway">What the person's unfinished answers may still cost.</param>
/// <param name="Unfinished">The person's answers that wait or are written.</param>
public readonly record struct SpentToday(Usd Person, Usd Server, Usd Underway, int Unfinished);

/// <summary>The day's sums against the operator's ceilings. The day is UTC's.</summary>
public sealed class Spending(CeilingSettings ceilings, TimeProvider time)
{
    private static readonly Func<ChatDb, long, int, IAsyncEnumerable<DailyCost>> OfDay =
        EF.CompileAsyncQuery((ChatDb db, long userId, int day) => db.DailyCosts.AsNoTracking()
            .Where(c => c.Day == day && (c.UserId == userId || c.UserId == DailyCost.Server)));

    // One look at the unfinished answers for all three figures.
    private static readonly Func<ChatDb, long, IAsyncEnumerable<WaitingSum>> Waiting =
        EF.CompileAsyncQuery((ChatDb db, long userId) => db.Messages
            .Where(m => m.State == MessageState.Queued || m.State == MessageState.Streaming)
            .GroupBy(m => m.AskedById == userId)
            .Select(g => new WaitingSum(g.Key, g.Sum(m => m.State == MessageState.Queued ? m.ReservedMicros : 0), g.Sum(m => m.ReservedMicros), g.Count())));

    public Usd PersonCeiling { get; } = Usd.RoundedUp(ceilings.PersonPerDay);
    public Usd ServerCeiling { get; } = Usd.RoundedUp(ceilings.ServerPerDay);

    public async Task<SpentToday> TodayAsync(ChatDb db, long userId)
    {
        var (person, server, underway, unfinished) = (0L, 0L, 0L, 0);
        await foreach (var cost in OfDay(db, userId, DailyCost.DayOf(time.GetUtcNow())))
            if (cost.UserId == DailyCost.Server) server = cost.Micros;
            else person = cost.Micros;
        await foreach (var sum in Waiting(db, userId))
        {
            server += sum.Waiting;
            if (!sum.IsMine) continue;
            person += sum.Waiting;
            (underway, unfinished) = (sum.Underway, sum.Count);
        }
        return new(new(person), new(server), new(underway), unfinished);
    }

    /// <summary>Whether so much more would take the person or the server beyond today's ceiling.</summary>
    public async Task<bool> IsAboveCeilingAsync(ChatDb db, long userId, Usd more)
    {
        var today = await TodayAsync(db, userId);
        return today.Person + more > PersonCeiling || today.Server + more > ServerCeiling;
    }

    /// <summary>When today's sums begin again at zero.</summary>
    public DateTimeOffset Tomorrow => new(time.GetUtcNow().UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    private sealed record WaitingSum(bool IsMine, long Waiting, long Underway, int Count);
}
