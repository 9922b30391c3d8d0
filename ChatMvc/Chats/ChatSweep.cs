using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>Removes the rows of chats that were deleted a week ago; until then a deletion can be undone.</summary>
public sealed class ChatSweep(ChatDb db, TimeProvider time) : IJobHandler
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
        foreach (var chat in old) await RemoveAsync(db, chat, stopping);
    }

    /// <summary>Removes all rows of a chat for good.</summary>
    public static Task RemoveAsync(ChatDb db, long chat, CancellationToken stopping) => db.WriteAsync(async () =>
    {
        await db.Messages.Where(m => m.ChatId == chat).ExecuteDeleteAsync(stopping);
        await db.Chats.Where(c => c.Id == chat).ExecuteDeleteAsync(stopping);
    }, stopping);
}
