using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats.Contexts;

/// <summary>What stands above a question because something changes with it.</summary>
/// <param name="Context">Which context holds from here on, in words; null where the same holds as before.</param>
/// <param name="Summary">What is sent in place of all messages above it; null where they are sent themselves.</param>
public sealed record MessageMark(string? Context, string? Summary)
{
    public static readonly MessageMark None = new(null, null);

    /// <summary>The marks of those among these messages that have one, in one query.</summary>
    /// <remarks>
    /// They hang on the message, its parent and what stands behind them: who renames a context or stores a summary gives
    /// the messages marked by it a new revision.
    /// </remarks>
    public static async Task<Dictionary<long, MessageMark>> OfAsync(ChatDb db, IReadOnlyCollection<long> ids)
    {
        var changes = from m in db.Messages
                      where ids.Contains(m.Id) && m.Role == Role.User
                      let summary = db.Summaries.Where(s => s.UpToId == m.ParentId).OrderBy(s => s.Id).Select(s => s.Text).FirstOrDefault()
                      where m.ContextVersionId != m.Parent!.ContextVersionId || summary != null
                      select new
                      {
                          m.Id,
                          IsChange = m.ContextVersionId != m.Parent!.ContextVersionId,
                          Before = db.ContextVersions.Where(v => v.Id == m.Parent.ContextVersionId).Select(v => (long?)v.ContextId).FirstOrDefault(),
                          Now = db.ContextVersions.Where(v => v.Id == m.ContextVersionId).Select(v => (long?)v.ContextId).FirstOrDefault(),
                          Name = db.Contexts.Where(c => c.Versions.Any(v => v.Id == m.ContextVersionId)).Select(c => c.Name).FirstOrDefault(),
                          Summary = summary,
                      };
        return (await changes.ToListAsync()).ToDictionary(c => c.Id, c => new MessageMark(
            !c.IsChange ? null : c.Name is null ? "From here without a context" : $"From here: {c.Name}{(c.Now == c.Before ? ", changed" : "")}", c.Summary));
    }
}
