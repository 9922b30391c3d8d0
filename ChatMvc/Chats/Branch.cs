using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>A branch is a message and its chain of parents; a parent's id is always lower than its child's.</summary>
public static class Branch
{
    /// <summary>The message and at most <paramref name="limit"/> − 1 of its ancestors, newest first, not tracked. It costs as many look-ups by key, however long the room.</summary>
    public static IQueryable<Message> UpwardsFrom(ChatDb db, long messageId, int limit) => db.Messages.FromSql($"""
        WITH RECURSIVE branch(Id, ParentId, Depth) AS (
            SELECT Id, ParentId, 1 FROM Messages WHERE Id = {messageId}
            UNION ALL
            SELECT m.Id, m.ParentId, b.Depth + 1 FROM branch b JOIN Messages m ON m.Id = b.ParentId WHERE b.Depth < {limit})
        SELECT m.* FROM branch b JOIN Messages m ON m.Id = b.Id
        """).AsNoTracking().OrderByDescending(m => m.Id);

    /// <summary>The ids of the branch from <paramref name="headId"/> up, as long as they are at least <paramref name="lowest"/>.</summary>
    public static async Task<HashSet<long>> IdsDownTo(ChatDb db, long headId, long lowest, CancellationToken cancellation) =>
        [.. await db.Database.SqlQuery<long>($"""
        WITH RECURSIVE branch(Id, ParentId) AS (
            SELECT Id, ParentId FROM Messages WHERE Id = {headId}
            UNION ALL
            SELECT m.Id, m.ParentId FROM branch b JOIN Messages m ON m.Id = b.ParentId WHERE m.Id >= {lowest})
        SELECT Id AS Value FROM branch
        """).ToListAsync(cancellation)];
}
