using ChatMvc.Chats;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts.Manage;

/// <summary>A person's own exports: one at a time and few a day.</summary>
public sealed class Exports(ChatDb db, ExportFiles files, Bell bell, TimeProvider time)
{
    public const int MaxPerDay = 5;
    /// <summary>Up to here a zip is made while its person waits for it.</summary>
    public const int MaxSmallChats = 200;
    private const int MaxSmallMessages = 10_000;
    /// <summary>Characters of all messages together.</summary>
    private const long MaxSmallText = 5_000_000;
    /// <summary>Bytes of all attached files together.</summary>
    private const long MaxSmallFiles = 20_000_000;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public async Task<bool> IsLargeAsync(long person, CancellationToken cancellation)
    {
        if (await db.Chats.VisibleTo(person).CountAsync(cancellation) > MaxSmallChats) return true;
        if (await db.Attachments.Where(a => a.UserId == person).SumAsync(a => a.Bytes, cancellation) > MaxSmallFiles) return true;
        var messages = db.Messages.Where(m => db.Chats.VisibleTo(person).Any(c => c.Id == m.ChatId));
        return await messages.Take(MaxSmallMessages + 1).CountAsync(cancellation) > MaxSmallMessages
            || await messages.SumAsync(m => (long)m.Text!.Length, cancellation) > MaxSmallText;
    }

    public Task<AccountExport?> NewestAsync(long person, CancellationToken cancellation) =>
        db.AccountExports.AsNoTracking().Where(e => e.UserId == person).OrderByDescending(e => e.Id).FirstOrDefaultAsync(cancellation);

    /// <summary>The file of a finished export of this person; null for every other key.</summary>
    public async Task<string?> FindAsync(long person, string key, CancellationToken cancellation)
    {
        var export = await db.AccountExports.AsNoTracking().SingleOrDefaultAsync(e => e.UserId == person && e.Key == key, cancellation);
        return export?.IsReady(time.GetUtcNow()) == true ? files.Find(export.Key) : null;
    }

    /// <summary>Has one made, unless one is being made already. Returns how long to wait when there were too many today.</summary>
    public async Task<TimeSpan> AskAsync(long person, CancellationToken cancellation)
    {
        var (wait, export) = await db.WriteAsync<(TimeSpan, AccountExport?)>(async () =>
        {
            var now = time.GetUtcNow();
            var todays = await db.AccountExports.Where(e => e.UserId == person && e.CreatedAt > now - Day).OrderBy(e => e.CreatedAt).ToListAsync(cancellation);
            if (todays.Exists(e => e.IsPending)) return (TimeSpan.Zero, null);
            if (todays.Count >= MaxPerDay) return (todays[^MaxPerDay].CreatedAt + Day - now, null);
            var export = new AccountExport(person, now);
            db.AccountExports.Add(export);
            return (TimeSpan.Zero, export);
        }, cancellation);
        if (export is not null) await bell.RingAsync<ExportJob>(export.Id);
        return wait;
    }
}
