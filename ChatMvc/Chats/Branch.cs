using System.Data.Common;
using ChatMvc.Completions;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace ChatMvc.Chats;

/// <summary>Where a message stands, and the room's revision at its last change.</summary>
public readonly record struct BranchPlace(long Id, long Revision);

/// <summary>What somebody said.</summary>
public readonly record struct BranchTurn(long Id, Role Role, string Text, int? Tokens = null)
{
    /// <inheritdoc cref="Message.HasFiles"/>
    public bool HasFiles => Role == Role.User && Tokens > TokenEstimate.OfTurn(Text);
}

/// <summary>
/// A branch is a message and its chain of parents; a parent's id is always lower than its child's. Reading one costs a
/// look-up by key for each message, however long the room.
/// </summary>
public static class Branch
{
    private const string Upwards = """
        WITH RECURSIVE branch(Id, ParentId, Revision, Depth) AS (
            SELECT Id, ParentId, Revision, 1 FROM Messages WHERE Id = $head
            UNION ALL
            SELECT m.Id, m.ParentId, m.Revision, b.Depth + 1 FROM branch b JOIN Messages m ON m.Id = b.ParentId
            WHERE m.Id >= $lowest AND b.Depth < $limit)

        """;
    private const string Places = Upwards + "SELECT Id, Revision FROM branch";
    private const string Turns = Upwards + """
        SELECT m.Id, m.Role, m.Text, m.Tokens FROM branch b JOIN Messages m ON m.Id = b.Id
        WHERE m.State <> 'Failed' AND m.DeletedAt IS NULL AND m.Text <> ''
        ORDER BY m.Id DESC
        """;

    // A running answer is taken at its longest. The sum is carried along, so that no turn beyond the budget is read.
    private const string TurnTokens = """
        CASE WHEN m.State = 'Failed' OR m.DeletedAt IS NOT NULL THEN 0
             WHEN m.State IN ('Queued', 'Streaming') THEN 2 * COALESCE(m.MaxAnswerTokens, 4096)
             ELSE COALESCE(m.Tokens, length(m.Text) + 8) END
        """;
    private const string Sizes = $"""
        WITH RECURSIVE branch(ParentId, Tokens, Total, Depth) AS (
            SELECT m.ParentId, {TurnTokens}, {TurnTokens}, 1 FROM Messages m WHERE m.Id = $head
            UNION ALL
            SELECT m.ParentId, {TurnTokens}, b.Total + {TurnTokens}, b.Depth + 1 FROM branch b JOIN Messages m ON m.Id = b.ParentId
            WHERE b.Total <= $lowest AND b.Depth < $limit)
        SELECT Tokens FROM branch WHERE Tokens > 0
        """;

    /// <summary>Upper estimates of the same turns in tokens, newest first, until their sum exceeds <paramref name="budget"/>.</summary>
    public static Task<List<int>> SizesUpwardsFrom(ChatDb db, long messageId, int limit, int budget, CancellationToken cancellation) =>
        ReadAsync(db, Sizes, messageId, budget, limit, row => row.GetInt32(0), cancellation);

    /// <summary>The message and at most <paramref name="limit"/> − 1 of its ancestors, newest first, without their texts.</summary>
    public static Task<List<BranchPlace>> PlacesUpwardsFrom(ChatDb db, long messageId, int limit, CancellationToken cancellation) =>
        ReadAsync(db, Places, messageId, 0, limit, Place, cancellation);

    /// <summary>What was said in the same messages, newest first; failed, deleted and empty ones are left out.</summary>
    public static Task<List<BranchTurn>> TurnsUpwardsFrom(ChatDb db, long messageId, int limit, CancellationToken cancellation) =>
        ReadAsync(db, Turns, messageId, 0, limit, Turn, cancellation);

    /// <summary>The ids of the branch from <paramref name="headId"/> up, as long as they are at least <paramref name="lowest"/>.</summary>
    public static async Task<HashSet<long>> IdsDownTo(ChatDb db, long headId, long lowest, CancellationToken cancellation) =>
        [.. (await ReadAsync(db, Places, headId, lowest, long.MaxValue, Place, cancellation)).Select(place => place.Id)];

    private static BranchTurn Turn(DbDataReader row) =>
        new(row.GetInt64(0), Enum.Parse<Role>(row.GetString(1)), row.GetString(2), row.IsDBNull(3) ? null : row.GetInt32(3));

    private static BranchPlace Place(DbDataReader row) => new(row.GetInt64(0), row.GetInt64(1));

    private static async Task<List<T>> ReadAsync<T>(
        ChatDb db, string sql, long head, long lowest, long limit, Func<DbDataReader, T> read, CancellationToken cancellation)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        try
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
#pragma warning disable CA2100 // one of the constants above
            command.CommandText = sql;
#pragma warning restore CA2100
            Add(command, "$head", head);
            Add(command, "$lowest", lowest);
            Add(command, "$limit", limit);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellation)) rows.Add(read(reader));
            return rows;
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
