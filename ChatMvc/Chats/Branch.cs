using System.Data.Common;
using ChatMvc.Completions;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace ChatMvc.Chats;

/// <summary>Where a message stands, and the room's revision at its last change.</summary>
public readonly record struct BranchPlace(long Id, long Revision);

/// <summary>What somebody said.</summary>
/// <param name="Id">Of its message; 0 for what is said here alone.</param>
/// <param name="Role">Who.</param>
/// <param name="Text">The words.</param>
/// <param name="Tokens">The upper estimate of the text and its files, where it is kept.</param>
public readonly record struct BranchTurn(long Id, Role Role, string Text, int? Tokens = null)
{
    /// <inheritdoc cref="Message.HasFiles"/>
    public bool HasFiles => Role == Role.User && Tokens > TokenEstimate.OfTurn(Text);
}

/// <summary>What was said in a branch up to a message, in few words.</summary>
/// <param name="UpToId">The last message that it stands for.</param>
/// <param name="Tokens">The upper estimate of what is sent.</param>
/// <param name="Text">Without its frame.</param>
public sealed record BranchSummary(long UpToId, int Tokens, string Text);

/// <summary>A message that stands in the same place as another.</summary>
/// <param name="Origin">The other.</param>
/// <param name="Id">Its own.</param>
/// <param name="IsBelow">Whether it hangs under the other, which failed.</param>
public readonly record struct BesideRow(long Origin, long Id, bool IsBelow);

/// <summary>
/// A branch is a message and its chain of parents; a parent's id is always lower than its child's. Reading one costs a
/// look-up by key for each message, however long the room.
/// </summary>
public static class Branch
{
    private const string Upwards = """
        WITH RECURSIVE branch(Id, ParentId, Revision, Depth) AS (
            SELECT Id, ParentId, Revision, 1 FROM Messages WHERE Id = $head AND Id >= $lowest
            UNION ALL
            SELECT m.Id, m.ParentId, m.Revision, b.Depth + 1 FROM branch b JOIN Messages m ON m.Id = b.ParentId
            WHERE m.Id >= $lowest AND b.Depth < $limit)

        """;
    private const string Ids = Upwards + "SELECT Id FROM branch";
    // Deleted ones are passed over and count for nothing.
    private const string Places = """
        WITH RECURSIVE branch(Id, ParentId, Revision, IsShown, Depth) AS (
            SELECT Id, ParentId, Revision, DeletedAt IS NULL, DeletedAt IS NULL FROM Messages WHERE Id = $head
            UNION ALL
            SELECT m.Id, m.ParentId, m.Revision, m.DeletedAt IS NULL, b.Depth + (m.DeletedAt IS NULL) FROM branch b JOIN Messages m ON m.Id = b.ParentId
            WHERE m.Id >= $lowest AND b.Depth < $limit)
        SELECT Id, Revision FROM branch WHERE IsShown
        """;
    private const string Tip = """
        WITH RECURSIVE below(Id, ParentId, IsFailed, IsShown) AS (
            SELECT Id, ParentId, State = 'Failed', DeletedAt IS NULL FROM Messages WHERE Id = $head
            UNION ALL
            SELECT m.Id, m.ParentId, m.State = 'Failed', m.DeletedAt IS NULL FROM below b JOIN Messages m ON m.ParentId = b.Id),
        tip(Id) AS (SELECT Id FROM below WHERE IsShown ORDER BY IsFailed, Id DESC LIMIT 1)
        SELECT COALESCE((SELECT MAX(b.Id) FROM below b JOIN tip t ON b.ParentId = t.Id WHERE b.IsFailed AND b.IsShown), Id) FROM tip
        """;
    // What failed or was deleted has no place of its own among the others: what hangs under it stands there instead.
    private const string Beside = """
        WITH RECURSIVE up(Origin, Id, ParentId) AS (
            SELECT Id, Id, ParentId FROM Messages WHERE Id IN (SELECT value FROM json_each($ids))
            UNION ALL
            SELECT up.Origin, m.Id, m.ParentId FROM up JOIN Messages m ON m.Id = up.ParentId WHERE m.State = 'Failed' OR m.DeletedAt IS NOT NULL),
        tops(Origin, Id, ParentId) AS (SELECT Origin, MIN(Id), ParentId FROM up GROUP BY Origin),
        beside(Origin, Id, IsHidden, IsBelow) AS (
            SELECT t.Origin, m.Id, m.State = 'Failed' OR m.DeletedAt IS NOT NULL, 0 FROM tops t JOIN Messages m ON m.ParentId = t.ParentId
            UNION ALL
            SELECT t.Origin, m.Id, m.State = 'Failed' OR m.DeletedAt IS NOT NULL, 0 FROM tops t JOIN Messages m ON m.ChatId = $chat AND m.ParentId IS NULL
            WHERE t.ParentId IS NULL
            UNION ALL
            SELECT b.Origin, m.Id, m.State = 'Failed' OR m.DeletedAt IS NOT NULL, b.IsBelow OR b.Id = b.Origin
            FROM beside b JOIN Messages m ON m.ParentId = b.Id WHERE b.IsHidden)
        SELECT Origin, Id, IsBelow FROM beside WHERE NOT IsHidden ORDER BY Origin, Id
        """;
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
            SELECT m.ParentId, {TurnTokens}, {TurnTokens}, 1 FROM Messages m WHERE m.Id = $head AND m.Id > $above
            UNION ALL
            SELECT m.ParentId, {TurnTokens}, b.Total + {TurnTokens}, b.Depth + 1 FROM branch b JOIN Messages m ON m.Id = b.ParentId
            WHERE b.Total <= $lowest AND b.Depth < $limit AND m.Id > $above)
        SELECT Tokens FROM branch WHERE Tokens > 0
        """;

    // Most rooms have none, and are not walked for it.
    private const string Summarized = """
        WITH RECURSIVE branch(Id, ParentId, Depth) AS (
            SELECT Id, ParentId, 1 FROM Messages WHERE Id = $head AND EXISTS (SELECT 1 FROM Summaries s WHERE s.ChatId = Messages.ChatId)
            UNION ALL
            SELECT m.Id, m.ParentId, b.Depth + 1 FROM branch b JOIN Messages m ON m.Id = b.ParentId
            WHERE m.Id >= $lowest AND b.Depth < $limit AND NOT EXISTS (SELECT 1 FROM Summaries s WHERE s.UpToId = b.Id))
        SELECT s.UpToId, s.Tokens, s.Text FROM branch b JOIN Summaries s ON s.UpToId = b.Id ORDER BY s.UpToId DESC, s.Id LIMIT 1
        """;

    /// <summary>The nearest summary on the branch, at the message or above it; one more than 1,000 messages away is not looked for.</summary>
    public static async Task<BranchSummary?> SummaryUpwardsFrom(ChatDb db, long messageId, CancellationToken cancellation) =>
        (await ReadAsync(db, Summarized, messageId, 0, MaxSummaryDistance, row => new BranchSummary(row.GetInt64(0), row.GetInt32(1), row.GetString(2)), cancellation)).SingleOrDefault();

    private const int MaxSummaryDistance = 1_000;

    /// <summary>Upper estimates of the same turns in tokens, newest first, until their sum exceeds <paramref name="budget"/>.</summary>
    /// <param name="db">Where.</param>
    /// <param name="messageId">The newest.</param>
    /// <param name="limit">Messages at most.</param>
    /// <param name="budget">Tokens.</param>
    /// <param name="above">Stops below this message; 0 for none.</param>
    /// <param name="cancellation">Ends it.</param>
    public static Task<List<int>> SizesUpwardsFrom(ChatDb db, long messageId, int limit, int budget, long above, CancellationToken cancellation) =>
        ReadAsync(db, Sizes, messageId, budget, limit, row => row.GetInt32(0), cancellation, above);

    /// <summary>
    /// Of the message and its ancestors those that are shown, newest first, without their texts: at most <paramref name="limit"/>,
    /// and none below <paramref name="lowest"/>.
    /// </summary>
    public static Task<List<BranchPlace>> PlacesUpwardsFrom(ChatDb db, long messageId, long limit, CancellationToken cancellation, long lowest = 0) =>
        ReadAsync(db, Places, messageId, lowest, limit, row => new BranchPlace(row.GetInt64(0), row.GetInt64(1)), cancellation);

    /// <summary>The newest end of the branches that go through a message; null when all of them were deleted.</summary>
    public static async Task<long?> TipBelow(ChatDb db, long messageId, CancellationToken cancellation) =>
        await ReadAsync(db, Tip, messageId, 0, 0, row => row.GetInt64(0), cancellation) is [var tip] ? tip : null;

    /// <summary>The same where the shown branch goes through it, which ends at the head.</summary>
    public static async Task<long?> TipThrough(ChatDb db, Chat chat, long messageId, CancellationToken cancellation) =>
        chat.HeadId is { } head && (await IdsDownTo(db, head, messageId, cancellation)).Contains(messageId) ? head : await TipBelow(db, messageId, cancellation);

    /// <summary>Marks as changed what is on one of two branches alone: the head's, and that which ends at a message.</summary>
    public static async Task TouchDifferenceAsync(ChatDb db, Chat chat, long? end, CancellationToken cancellation)
    {
        var moved = chat.HeadId is { } head ? await IdsDownTo(db, head, end ?? 0, cancellation) : [];
        if (end is { } tip && !moved.Remove(tip))
        {
            moved = chat.HeadId is { } shown ? await IdsDownTo(db, shown, 0, cancellation) : [];
            moved.SymmetricExceptWith(await IdsDownTo(db, tip, 0, cancellation));
        }
        await db.Messages.Where(m => moved.Contains(m.Id)).ExecuteUpdateAsync(set => set.SetProperty(m => m.Revision, chat.Revision), cancellation);
    }

    /// <summary>What was said in the same messages, newest first; failed, deleted and empty ones are left out.</summary>
    /// <param name="db">Where.</param>
    /// <param name="messageId">The newest.</param>
    /// <param name="limit">Messages at most.</param>
    /// <param name="above">Stops below this message; 0 for none.</param>
    /// <param name="cancellation">Ends it.</param>
    public static Task<List<BranchTurn>> TurnsUpwardsFrom(ChatDb db, long messageId, int limit, long above, CancellationToken cancellation) =>
        ReadAsync(db, Turns, messageId, above + 1, limit, Turn, cancellation);

    /// <summary>The ids of the branch from <paramref name="headId"/> up, as long as they are at least <paramref name="lowest"/>.</summary>
    public static async Task<HashSet<long>> IdsDownTo(ChatDb db, long headId, long lowest, CancellationToken cancellation) =>
        [.. await ReadAsync(db, Ids, headId, lowest, long.MaxValue, row => row.GetInt64(0), cancellation)];

    /// <summary>What stands in the same place as each of these messages, itself among it unless it failed or was deleted.</summary>
    public static async Task<ILookup<long, BesideRow>> BesideAsync(ChatDb db, long chatId, IEnumerable<long> ids, CancellationToken cancellation) =>
        (await ReadAsync(db, Beside, row => new BesideRow(row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2)), cancellation,
            ("$chat", chatId), ("$ids", $"[{string.Join(',', ids)}]"))).ToLookup(row => row.Origin);

    private static BranchTurn Turn(DbDataReader row) =>
        new(row.GetInt64(0), Enum.Parse<Role>(row.GetString(1)), row.GetString(2), row.IsDBNull(3) ? null : row.GetInt32(3));

    private static Task<List<T>> ReadAsync<T>(
        ChatDb db, string sql, long head, long lowest, long limit, Func<DbDataReader, T> read, CancellationToken cancellation, long above = 0) =>
        ReadAsync(db, sql, read, cancellation, ("$head", head), ("$lowest", lowest), ("$limit", limit), ("$above", above));

    private static async Task<List<T>> ReadAsync<T>(
        ChatDb db, string sql, Func<DbDataReader, T> read, CancellationToken cancellation, params (string Name, object Value)[] parameters)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        try
        {
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
#pragma warning disable CA2100 // one of the constants above
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in parameters)
                if (sql.Contains(name, StringComparison.Ordinal)) Add(command, name, value);
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

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}
