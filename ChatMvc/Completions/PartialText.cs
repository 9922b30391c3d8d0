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
}
