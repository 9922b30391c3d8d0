using System.Globalization;
using ChatMvc.Chats;
using ChatMvc.Chats.Attachments;
using ChatMvc.Completions;
using ChatMvc.Completions.Live;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts.Manage;

/// <summary>
/// Removes what a deleted person wrote. Its sessions go last: as long as there are any, the sweep rings for it once more.
/// </summary>
public sealed class AccountRemoval(
    ChatDb db, Answers answers, LiveRooms rooms, ExportFiles exports, UploadFiles uploads, AttachmentSweep attachments, UnsentTexts unsent, Bell bell, TimeProvider time) : IJobHandler
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public static string Kind => "account-removal";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var person = long.Parse(id, CultureInfo.InvariantCulture);
        if (!await db.Users.AnyAsync(u => u.Id == person && u.DeletedAt != null, stopping)) return;
        if (await IsStillAnsweredAsync(person, stopping))
        {
            await bell.RingAsync<AccountRemoval>(person, time.GetUtcNow() + Pause);
            return;
        }
        await RemoveChatsAsync(person, stopping);
        await RemoveFilesAsync(person, stopping);
        await db.WriteAsync(async () =>
        {
            await db.ChatMembers.Where(m => m.UserId == person).ExecuteDeleteAsync(stopping);
            await db.Contexts.Where(c => c.UserId == person).ExecuteDeleteAsync(stopping);
            await db.AccountExports.Where(e => e.UserId == person).ExecuteDeleteAsync(stopping);
            await db.Sessions.Where(s => s.UserId == person).ExecuteDeleteAsync(stopping);
        }, stopping);
    }

    private async Task<bool> IsStillAnsweredAsync(long person, CancellationToken stopping)
    {
        var running = await db.Messages.Unfinished().Where(m => m.AskedById == person).Select(m => m.Id).ToListAsync(stopping);
        foreach (var answer in running) await answers.StopAsync(answer, stopping);
        db.ChangeTracker.Clear();
        return running.Any(answer => rooms.Find(answer) is not null);
    }

    private async Task RemoveChatsAsync(long person, CancellationToken stopping)
    {
        var chats = await db.Chats.Where(c => c.Members.Any(m => m.UserId == person) && c.Members.All(m => m.UserId == person))
            .OrderBy(c => c.Id).Select(c => c.Id).ToListAsync(stopping);
        // Each in a transaction of its own, so that nobody's message waits long.
        foreach (var chat in chats) await ChatSweep.RemoveAsync(db, uploads, chat, stopping);
    }

    private async Task RemoveFilesAsync(long person, CancellationToken stopping)
    {
        foreach (var key in await db.AccountExports.Where(e => e.UserId == person).Select(e => e.Key).ToListAsync(stopping)) exports.Delete(key);
        await attachments.RemoveUnsentOfAsync(person, stopping);
        unsent.Forget(person);
    }
}
