using ChatMvc.Billing;
using ChatMvc.Chats;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts;

/// <summary>
/// Sees to it that a number gets no fresh allowance within a window by leaving its account and coming back. All within the
/// caller's transaction.
/// </summary>
public sealed class FormerUses(ChatDb db, PhoneMac macs, LimitSettings limits, TimeProvider time)
{
    /// <summary>Notes what a person's number has used, before the number goes.</summary>
    public async Task RememberAsync(User leaving, CancellationToken cancellation)
    {
        var mac = macs.Of(PhoneNumber.Parse(leaving.Phone));
        // What still waits is about to be given back.
        var taken = await db.AllowanceUses
            .Where(u => u.UserId == leaving.Id && u.TakenAt > Since && u.GivenBackAt == null)
            .Where(u => !db.Messages.Any(m => m.Id == u.AnswerId && m.State == MessageState.Queued))
            .Select(u => u.TakenAt).ToListAsync(cancellation);
        db.FormerUses.AddRange(taken.Select(when => new FormerUse(mac, when)));
    }

    /// <summary>Counts what a number has used before towards its new account.</summary>
    public async Task GiveToAsync(User newcomer, CancellationToken cancellation)
    {
        var mac = macs.Of(PhoneNumber.Parse(newcomer.Phone));
        var former = await db.FormerUses.Where(u => u.PhoneMac == mac && u.TakenAt > Since).ToListAsync(cancellation);
        db.AllowanceUses.AddRange(former.Select(use => AllowanceUse.Former(newcomer.Id, use)));
        db.FormerUses.RemoveRange(former);
    }

    /// <summary>Rows that count for nothing any more.</summary>
    public IQueryable<FormerUse> Outdated => db.FormerUses.Where(u => u.TakenAt <= Since);

    private DateTimeOffset Since => time.GetUtcNow() - limits.Window;
}
