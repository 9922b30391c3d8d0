using ChatMvc.Chats.Attachments;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>Removes the rows of chats that were deleted a week ago; until then a deletion can be undone.</summary>
public sealed class ChatSweep(ChatDb db, UploadFiles uploads, TimeProvider time) : IJobHandler
{
    public static readonly TimeSpan Every = TimeSpan.FromHours(1);
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    /// <summary>In one run, each in a transaction of its own, so that no send waits long.</summary>
    private const int MaxAtOnce = 100;

    public static string Kind => "chat-sweep";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var before = time.GetUtcNow() - Kept;
        var old = await db.Chats.Where(c => c.DeletedAt != null && c.DeletedAt < before).OrderBy(c => c.Id).Select(c => c.Id).Take(MaxAtOnce).ToListAsync(stopping);
        foreach (var chat in old) await RemoveAsync(db, uploads, chat, stopping);
    }

    /// <summary>Removes all rows of a chat for good, then its files: those that a crash leaves are found by their own sweep.</summary>
    public static async Task RemoveAsync(ChatDb db, UploadFiles uploads, long chat, CancellationToken stopping) => uploads.Delete(await db.WriteAsync(async () =>
    {
        var files = await db.Attachments.Where(a => db.Messages.Any(m => m.Id == a.MessageId && m.ChatId == chat)).Select(a => a.Key).ToListAsync(stopping);
        await db.Messages.Where(m => m.ChatId == chat).ExecuteDeleteAsync(stopping);
        await db.Chats.Where(c => c.Id == chat).ExecuteDeleteAsync(stopping);
        return files;
    }, stopping));
}
