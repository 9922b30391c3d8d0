using ChatMvc.Chats;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Completions;

/// <summary>The text so far of an answer that no worker of this process holds, from its stored parts.</summary>
public static class PartialText
{
    /// <summary>The text of the latest attempt that stored any; empty when there is none.</summary>
    public static async Task<string> OfAsync(ChatDb db, long messageId)
    {
        var parts = await db.MessageParts.AsNoTracking().Where(p => p.MessageId == messageId)
            .OrderBy(p => p.Attempt).ThenBy(p => p.Sequence).ToListAsync();
        if (parts.Count == 0) return "";
        var latest = parts[^1].Attempt;
        return string.Concat(parts.Where(p => p.Attempt == latest).Select(p => p.Text));
    }

    /// <summary>The text that an answer goes on with; empty for one that begins.</summary>
    public static async Task<string> BeforeAsync(ChatDb db, Message answer) => answer.ContinuesId is { } earlier
        ? await db.Messages.Where(m => m.Id == earlier).Select(m => m.Text).SingleOrDefaultAsync() ?? ""
        : "";
}
