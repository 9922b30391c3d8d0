using ChatMvc.Accounts;
using ChatMvc.Accounts.Manage;
using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Completions.Live;
using ChatMvc.Data;
using ChatMvc.Operators.Audit;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.People;

/// <summary>What came of moving somebody's credit.</summary>
public enum Adjusted { Done, DoneBefore, TooLittle, Gone }

/// <summary>
/// What operators do to a person. Each deed is one write with its entry in the audit log; it is false where there was nothing
/// to do any more: somebody else was quicker, or the person is gone.
/// </summary>
public sealed class PeopleDeeds(
    ChatDb db, CreditLedger ledger, Deletion deletion, Answers answers, LiveRooms rooms, SessionStreams streams, AuditLog audit, TimeProvider time)
{
    /// <summary>Gives or takes credit, once for a nonce.</summary>
    /// <param name="person">Whose.</param>
    /// <param name="amount">Signed. What is taken is there: below zero goes a balance only by a refund or a dispute. What answers hold is out of it already.</param>
    /// <param name="reason">For the person too, at most 200 characters.</param>
    /// <param name="nonce">The form's.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public Task<Adjusted> AdjustAsync(long person, Usd amount, string reason, string nonce, CancellationToken cancellation) => db.WriteAsync(async () =>
    {
        if (await FindAsync(person, cancellation) is null) return Adjusted.Gone;
        var balance = await ledger.BalanceAsync(db, person);
        if (amount < Usd.Zero && balance + amount < Usd.Zero) return Adjusted.TooLittle;
        if (!await ledger.BookAsync(db, person, LedgerKind.Adjustment, amount, $"adjustment-{nonce}", reason)) return Adjusted.DoneBefore;
        Note(amount < Usd.Zero ? "take credit" : "give credit", person, $"credit {balance}", $"credit {balance + amount}", reason);
        return Adjusted.Done;
    }, cancellation);

    /// <summary>Makes somebody Pro without payment up to and with a day of theirs, or no longer where there is none.</summary>
    public Task<bool> GiveProAsync(long person, DateOnly? lastDay, TimeZoneInfo zone, string reason, CancellationToken cancellation) => db.WriteAsync(async () =>
    {
        if (await FindAsync(person, cancellation) is not { } user || (lastDay is null && user.ProUntil is null)) return false;
        var before = user.ProUntil;
        user.GivePro(lastDay is { } day ? Shared.Times.StartOf(day.AddDays(1), zone) : null);
        Note(lastDay is null ? "end Pro" : "give Pro", person, Words(before), Words(user.ProUntil), reason);
        return true;
    }, cancellation);

    /// <summary>Keeps somebody out: all devices are signed out with what they follow, and what is written or waits is stopped.</summary>
    public async Task<bool> SuspendAsync(long person, string reason, CancellationToken cancellation)
    {
        List<long> devices = [], running = [];
        var isDone = await db.WriteAsync(async () =>
        {
            if (await FindAsync(person, cancellation) is not { SuspendedAt: null } user) return false;
            var now = time.GetUtcNow();
            user.Suspend(now);
            devices = await EndSessionsAsync(person, now, cancellation);
            running = await RequestStopsAsync(person, now, cancellation);
            Note("suspend", person, "may sign in", "suspended", reason);
            return true;
        }, cancellation);
        streams.End(devices);
        await StopAsync(running);
        return isDone;
    }

    /// <summary>Lets somebody in again.</summary>
    public Task<bool> AdmitAsync(long person, CancellationToken cancellation) => db.WriteAsync(async () =>
    {
        if (await FindAsync(person, cancellation) is not { SuspendedAt: not null } user) return false;
        user.Suspend(null);
        Note("let in again", person, "suspended", "may sign in", reason: null);
        return true;
    }, cancellation);

    /// <summary>Signs all of somebody's devices out; they may come back.</summary>
    public async Task<bool> SignOutAsync(long person, CancellationToken cancellation)
    {
        List<long> devices = [];
        var isDone = await db.WriteAsync(async () =>
        {
            if (await FindAsync(person, cancellation) is null) return false;
            devices = await EndSessionsAsync(person, time.GetUtcNow(), cancellation);
            Note("sign out everywhere", person, $"{devices.Count} devices", "0 devices", reason: null);
            return true;
        }, cancellation);
        streams.End(devices);
        return isDone;
    }

    /// <summary>Deletes somebody's account, as they can themselves.</summary>
    public async Task<bool> DeleteAsync(long person, string reason, CancellationToken cancellation)
    {
        var balance = await ledger.BalanceAsync(db, person);
        // Without the number: the log is for ever, and the person is to be forgotten.
        return await deletion.DeleteAsync(person, () => Note("delete account", person, $"credit {balance}", "deleted", reason), cancellation);
    }

    private Task<User?> FindAsync(long person, CancellationToken cancellation) =>
        db.Users.SingleOrDefaultAsync(u => u.Id == person && u.DeletedAt == null, cancellation);

    private async Task<List<long>> EndSessionsAsync(long person, DateTimeOffset now, CancellationToken cancellation)
    {
        var sessions = db.Sessions.Where(s => s.UserId == person && s.RevokedAt == null);
        var ended = await sessions.Select(s => s.Id).ToListAsync(cancellation);
        await sessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.RevokedAt, now), cancellation);
        return ended;
    }

    // In the same write: should the process die now, whoever takes the answer up ends it.
    private async Task<List<long>> RequestStopsAsync(long person, DateTimeOffset now, CancellationToken cancellation)
    {
        var unfinished = db.Messages.Unfinished().Where(m => m.AskedById == person && m.Chat.DeletedAt == null);
        // The newest first: what waits is not to begin when an older one ends.
        var ids = await unfinished.OrderByDescending(m => m.Id).Select(m => m.Id).ToListAsync(cancellation);
        await db.Messages.Where(m => ids.Contains(m.Id) && m.StopRequestedAt == null).ExecuteUpdateAsync(set => set.SetProperty(m => m.StopRequestedAt, now), cancellation);
        return ids;
    }

    private async Task StopAsync(List<long> running)
    {
        foreach (var answer in running) rooms.Find(answer)?.Stop();
        foreach (var answer in running)
        {
            // What its worker wrote meanwhile is to be seen.
            db.ChangeTracker.Clear();
            await answers.StopAsync(answer, CancellationToken.None);
        }
        db.ChangeTracker.Clear();
    }

    private void Note(string action, long person, string before, string after, string? reason) =>
        audit.Note(new Deed(action, $"person {person}", before, after, reason));

    private static string Words(DateTimeOffset? proUntil) => proUntil is { } until ? $"Pro given until {Shared.Times.Machine(until)}" : "no Pro given";
}
