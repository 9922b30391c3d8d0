using System.Data.Common;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats.History;

/// <summary>One thing found: a message, or a chat by its title.</summary>
/// <param name="Url">Of the message in its branch, or of the chat.</param>
/// <param name="Title">Of the chat.</param>
/// <param name="Snippet">What was said, about the words that were looked for; empty for a chat.</param>
/// <param name="At">When it was written; of a chat, when it last got a message.</param>
/// <param name="Who">The model, or null for the person.</param>
/// <param name="IsChat">Whether its title was found.</param>
public sealed record SearchHit(string Url, IReadOnlyList<SnippetPart> Title, IReadOnlyList<SnippetPart> Snippet, DateTimeOffset At, string? Who, bool IsChat);

/// <param name="Chats">How many titles were found.</param>
/// <param name="Messages">How many messages.</param>
/// <param name="HasMore">Whether there are older ones that are not among them.</param>
/// <param name="Hits">Those of the page asked for.</param>
public sealed record SearchResult(int Chats, int Messages, bool HasMore, IReadOnlyList<SearchHit> Hits)
{
    public static readonly SearchResult Nothing = new(0, 0, false, []);

    public int Count => Chats + Messages;
}

/// <summary>
/// Looks through the chats of one person. A word that is in more messages than can be ranked in time is ranked among the
/// newest of them: so the longest search is bounded, however much was written.
/// </summary>
public sealed class Searches(ChatDb db)
{
    public const int PerPage = 20;
    public const int MaxMessages = 2_000;
    public const int MaxChats = 100;
    public const int MaxPage = (MaxMessages + MaxChats) / PerPage;

    /// <summary>The index gives them newest first, so that it can stop. Whose they are is in the index and asked of the rows again.</summary>
    public const string MessageSql = """
        SELECT Id FROM (
          SELECT f.rowid AS Id, bm25(MessageSearch, 1.0, 0.0) AS Rank
          FROM MessageSearch AS f
          CROSS JOIN Messages AS m ON m.Id = f.rowid
          CROSS JOIN ChatMembers AS c ON c.ChatId = m.ChatId AND c.UserId = $user
          CROSS JOIN Chats AS r ON r.Id = m.ChatId AND r.DeletedAt IS NULL
          WHERE MessageSearch MATCH $match AND ($from IS NULL OR m.CreatedAt >= $from) AND ($until IS NULL OR m.CreatedAt < $until)
          ORDER BY f.rowid DESC LIMIT $most)
        ORDER BY Rank, Id DESC
        """;
    /// <inheritdoc cref="MessageSql"/>
    public const string ChatSql = """
        SELECT Id FROM (
          SELECT f.rowid AS Id, bm25(ChatSearch, 1.0, 0.0) AS Rank, c.ActiveAt
          FROM ChatSearch AS f
          CROSS JOIN Chats AS r ON r.Id = f.rowid AND r.DeletedAt IS NULL
          CROSS JOIN ChatMembers AS c ON c.ChatId = r.Id AND c.UserId = $user
          WHERE ChatSearch MATCH $match AND ($from IS NULL OR c.ActiveAt >= $from) AND ($until IS NULL OR c.ActiveAt < $until)
          ORDER BY f.rowid DESC LIMIT $most)
        ORDER BY Rank, ActiveAt DESC, Id DESC
        """;

    /// <param name="userId">Whose chats.</param>
    /// <param name="query">Not an empty one.</param>
    /// <param name="filters">What else has to hold.</param>
    /// <param name="zone">Whose days the filters name.</param>
    /// <param name="page">1 to <see cref="MaxPage"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<SearchResult> FindAsync(long userId, SearchQuery query, SearchFilters filters, TimeZoneInfo zone, int page, CancellationToken cancellation)
    {
        IReadOnlyList<string> mine = [$"u{userId}"];
        var span = filters.Span(zone);
        await db.Database.OpenConnectionAsync(cancellation);
        try
        {
            var chats = filters.AreOfMessages ? [] : await IdsAsync(ChatSql, userId, query.Match("Title", mine), span, MaxChats, cancellation);
            var messages = await IdsAsync(MessageSql, userId, query.Match("Text", [mine, .. filters.Facts(zone)]), span, MaxMessages + 1, cancellation);
            var hasMore = messages.Count > MaxMessages;
            if (hasMore) messages.Remove(messages.Min());
            var skip = (page - 1) * PerPage;
            var hits = await ChatsAsync(userId, [.. chats.Skip(skip).Take(PerPage)], query, cancellation);
            hits.AddRange(await MessagesAsync([.. messages.Skip(Math.Max(0, skip - chats.Count)).Take(PerPage - hits.Count)], query, cancellation));
            return new SearchResult(chats.Count, messages.Count, hasMore, hits);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private async Task<List<SearchHit>> ChatsAsync(long userId, List<long> ids, SearchQuery query, CancellationToken cancellation)
    {
        if (ids.Count == 0) return [];
        var rows = await db.ChatMembers.Where(m => m.UserId == userId && ids.Contains(m.ChatId))
            .Select(m => new { m.ChatId, m.Chat.Key, m.Chat.Title, m.ActiveAt }).ToDictionaryAsync(c => c.ChatId, cancellation);
        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id])
            .Select(c => new SearchHit($"/chats/{c.Key}", Snippet.Whole(c.Title, query), [], c.ActiveAt, null, IsChat: true))];
    }

    private async Task<List<SearchHit>> MessagesAsync(List<long> ids, SearchQuery query, CancellationToken cancellation)
    {
        if (ids.Count == 0) return [];
        var rows = await db.Messages.Where(m => ids.Contains(m.Id) && m.DeletedAt == null)
            .Select(m => new { m.Id, m.Chat.Key, m.Chat.Title, m.Role, m.Model, m.Text, m.CreatedAt }).ToDictionaryAsync(m => m.Id, cancellation);
        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id]).Select(m => new SearchHit(
            $"/chats/{m.Key}?at={m.Id}#m-{m.Id}", [new(m.Title, IsHit: false)], Snippet.Of(m.Text ?? "", query),
            m.CreatedAt, m.Role == Role.Assistant ? m.Model : null, IsChat: false))];
    }

    private async Task<List<long>> IdsAsync(
        string sql, long userId, string match, (DateTimeOffset? From, DateTimeOffset? Until) span, int most, CancellationToken cancellation)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // one of the constants above
        command.CommandText = sql;
#pragma warning restore CA2100
        Add(command, "$user", userId);
        Add(command, "$match", match);
        Add(command, "$from", span.From?.ToUnixTimeMilliseconds());
        Add(command, "$until", span.Until?.ToUnixTimeMilliseconds());
        Add(command, "$most", most);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var ids = new List<long>();
        while (await rows.ReadAsync(cancellation)) ids.Add(rows.GetInt64(0));
        return ids;
    }

    private static void Add(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
        command.Parameters.Add(parameter);
    }
}
