using System.Data.Common;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace ChatMvc.Chats;

/// <summary>A branch is a message and its chain of parents; a parent's id is always lower than its child's.</summary>
public static class Branch
{
    // One look-up by key for each message, however long the room.
    private const string Upwards = """
        WITH RECURSIVE branch(Id, ParentId, Revision, Depth) AS (
            SELECT Id, ParentId, Revision, 1 FROM Messages WHERE Id = $head
            UNION ALL
            SELECT m.Id, m.ParentId, m.Revision, b.Depth + 1 FROM branch b JOIN Messages m ON m.Id = b.ParentId
            WHERE m.Id >= $lowest AND b.Depth < $limit)
        SELECT Id, Revision FROM branch
        """;

    /// <summary>The message and at most <paramref name="limit"/> − 1 of its ancestors, newest first, not tracked.</summary>
    public static IQueryable<Message> UpwardsFrom(ChatDb db, long messageId, int limit) => db.Messages.FromSql($"""
        WITH RECURSIVE branch(Id, ParentId, Depth) AS (
            SELECT Id, ParentId, 1 FROM Messages WHERE Id = {messageId}
            UNION ALL
            SELECT m.Id, m.ParentId, b.Depth + 1 FROM branch b JOIN Messages m ON m.Id = b.ParentId WHERE b.Depth < {limit})
        SELECT m.* FROM branch b JOIN Messages m ON m.Id = b.Id
        """).AsNoTracking().OrderByDescending(m => m.Id);

    /// <summary>The places of the same messages, without reading them: ids with the revision of each.</summary>
    public static Task<List<BranchPlace>> PlacesUpwardsFrom(ChatDb db, long messageId, int limit, CancellationToken cancellation) =>
        PlacesAsync(db, messageId, 0, limit, cancellation);

    /// <summary>The ids of the branch from <paramref name="headId"/> up, as long as they are at least <paramref name="lowest"/>.</summary>
    public static async Task<HashSet<long>> IdsDownTo(ChatDb db, long headId, long lowest, CancellationToken cancellation) =>
        [.. (await PlacesAsync(db, headId, lowest, long.MaxValue, cancellation)).Select(place => place.Id)];

    private static async Task<List<BranchPlace>> PlacesAsync(ChatDb db, long head, long lowest, long limit, CancellationToken cancellation)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        try
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
            command.CommandText = Upwards;
            Add(command, "$head", head);
            Add(command, "$lowest", lowest);
            Add(command, "$limit", limit);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var places = new List<BranchPlace>();
            while (await reader.ReadAsync(cancellation)) places.Add(new(reader.GetInt64(0), reader.GetInt64(1)));
            return places;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static void Add(DbCommand command, string name, long value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}

/// <summary>Where a message stands, and the room's revision at its last change.</summary>
public readonly record struct BranchPlace(long Id, long Revision);
