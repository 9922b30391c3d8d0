using System.Security.Cryptography;
using System.Text;
using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats.List;

/// <summary>The chats beside a room: pinned ones and the newest.</summary>
/// <param name="Current">The key of the room whose page it is on.</param>
/// <param name="HasMore">There are chats that it does not show.</param>
public sealed record Rail(IReadOnlyList<ChatGroup> Groups, string? Current, bool HasMore)
{
    /// <summary>The same for the same lines: a page that shows them needs no others.</summary>
    public string Version { get; } = VersionOf(Groups, HasMore);

    private static string VersionOf(IReadOnlyList<ChatGroup> groups, bool hasMore)
    {
        var text = new StringBuilder().Append(hasMore);
        foreach (var group in groups)
        {
            text.Append('\n').Append(group.Heading);
            foreach (var line in group.Lines) text.Append('\n').Append(line.Key).Append(line.MarkClass).Append(' ').Append(line.Title);
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())), 0, 8);
    }
}

/// <summary>A page of the list.</summary>
/// <param name="Next">Where the lines below it are; null when there are none.</param>
public sealed record ListPage(ListPlace Place, IReadOnlyList<ChatGroup> Groups, ListPlace? Next, IReadOnlyList<string> Folders, DateTimeOffset Now, TimeZoneInfo Zone)
{
    /// <summary>The line under which another page goes on below the same heading.</summary>
    public string? Continues { get; init; }
    public string? Undo { get; init; }
    public string? Done { get; init; }
    public string? Refusal { get; init; }
    /// <summary>What was chosen and typed when it was refused.</summary>
    public IReadOnlySet<string> Chosen { get; init; } = new HashSet<string>();
    public string? TypedFolder { get; init; }

    public bool IsEmpty => Groups.Count == 0;
}

/// <summary>Reads the list off its indexes: as fast among 10,000 chats as among ten.</summary>
public sealed class ChatLists(ChatDb db, ReadMarks reads, SiteSettings site, TimeProvider time)
{
    public const int LinesPerPage = 50;
    public const int LinesInRail = 30;
    /// <summary>Chats that one person may have pinned, archived and just deleted ones included.</summary>
    public const int MaxPinned = 50;
    private static readonly ListCursor Top = new(DateTimeOffset.MaxValue, "");

    // Compiled once, and each condition in the words of its index.
    private static readonly Func<ChatDb, long, DateTimeOffset, long, int, IAsyncEnumerable<Row>> InUse =
        EF.CompileAsyncQuery((ChatDb db, long userId, DateTimeOffset at, long chatId, int take) => db.ChatMembers
            .Where(m => m.UserId == userId && m.ArchivedAt == null && m.PinnedAt == null && m.Chat.DeletedAt == null
                && m.ActiveAt <= at && (m.ActiveAt < at || m.ChatId < chatId))
            .OrderByDescending(m => m.ActiveAt).ThenByDescending(m => m.ChatId).Take(take)
            .Select(m => new Row(m.ChatId, m.Chat.Key, m.Chat.Title, m.ActiveAt, m.Chat.Revision, m.ReadRevision, false, m.Folder)));

    private static readonly Func<ChatDb, long, DateTimeOffset, long, int, IAsyncEnumerable<Row>> Archived =
        EF.CompileAsyncQuery((ChatDb db, long userId, DateTimeOffset at, long chatId, int take) => db.ChatMembers
            .Where(m => m.UserId == userId && m.ArchivedAt != null && m.Chat.DeletedAt == null
                && m.ArchivedAt <= at && (m.ArchivedAt < at || m.ChatId < chatId))
            .OrderByDescending(m => m.ArchivedAt).ThenByDescending(m => m.ChatId).Take(take)
            .Select(m => new Row(m.ChatId, m.Chat.Key, m.Chat.Title, m.ArchivedAt!.Value, m.Chat.Revision, m.ReadRevision, m.PinnedAt != null, m.Folder)));

    // The minus sign keeps SQLite from walking all chats in their order, as the other index would let it.
    private static readonly Func<ChatDb, long, string, DateTimeOffset, long, int, IAsyncEnumerable<Row>> InFolder =
        EF.CompileAsyncQuery((ChatDb db, long userId, string folder, DateTimeOffset at, long chatId, int take) => db.ChatMembers
            .Where(m => m.UserId == userId && m.Folder == folder && m.Folder != null && m.ArchivedAt == null && m.Chat.DeletedAt == null
                && m.ActiveAt <= at && (m.ActiveAt < at || m.ChatId < chatId))
            .OrderByDescending(m => m.ActiveAt).ThenBy(m => -m.ChatId).Take(take)
            .Select(m => new Row(m.ChatId, m.Chat.Key, m.Chat.Title, m.ActiveAt, m.Chat.Revision, m.ReadRevision, m.PinnedAt != null, m.Folder)));

    private static readonly Func<ChatDb, long, IAsyncEnumerable<Row>> Pinned =
        EF.CompileAsyncQuery((ChatDb db, long userId) => db.ChatMembers
            .Where(m => m.UserId == userId && m.PinnedAt != null && m.ArchivedAt == null && m.Chat.DeletedAt == null)
            .OrderByDescending(m => m.PinnedAt).Take(MaxPinned)
            .Select(m => new Row(m.ChatId, m.Chat.Key, m.Chat.Title, m.ActiveAt, m.Chat.Revision, m.ReadRevision, true, m.Folder)));

    private static readonly Func<ChatDb, long, IAsyncEnumerable<long>> Answering =
        EF.CompileAsyncQuery((ChatDb db, long userId) => db.Messages
            .Where(m => (m.State == MessageState.Queued || m.State == MessageState.Streaming) && m.AskedById == userId).Select(m => m.ChatId));

    private static readonly Func<ChatDb, long, long, CancellationToken, Task<ChatMember>> Membership =
        EF.CompileAsyncQuery((ChatDb db, long userId, long chatId, CancellationToken _) => db.ChatMembers.AsNoTracking().Single(m => m.ChatId == chatId && m.UserId == userId));

    private static readonly Func<ChatDb, long, string, CancellationToken, Task<long>> IdOf =
        EF.CompileAsyncQuery((ChatDb db, long userId, string key, CancellationToken _) => db.Chats
            .Where(c => c.Key == key && c.Members.Any(m => m.UserId == userId)).Select(c => c.Id).SingleOrDefault());

    // One step of the index for each name, however many chats a folder has.
    private const string FolderNames = """
        WITH RECURSIVE names(Name) AS (
            SELECT MIN(Folder) FROM ChatMembers WHERE UserId = {0} AND Folder IS NOT NULL
            UNION ALL
            SELECT (SELECT MIN(Folder) FROM ChatMembers WHERE UserId = {0} AND Folder > Name AND Folder IS NOT NULL) FROM names WHERE Name IS NOT NULL)
        SELECT Name AS Value FROM names WHERE Name IS NOT NULL AND EXISTS (
            SELECT 1 FROM ChatMembers m JOIN Chats c ON c.Id = m.ChatId
            WHERE m.UserId = {0} AND m.Folder = Name AND m.Folder IS NOT NULL AND m.ArchivedAt IS NULL AND c.DeletedAt IS NULL)
        """;

    /// <param name="me">Whose.</param>
    /// <param name="current">The key of the room whose page it is on.</param>
    public async Task<Rail> RailAsync(User me, string? current)
    {
        var rows = await InUse(db, me.Id, Top.At, long.MaxValue, LinesInRail + 1).ToListAsync();
        var (pinned, newest) = await LinesAsync(me.Id, await Pinned(db, me.Id).ToListAsync(), rows);
        return new Rail([.. PinnedGroup(pinned), .. ChatGroups.ByDay([.. newest.Take(LinesInRail)], time.GetUtcNow(), ZoneOf(me))], current, newest.Count > LinesInRail);
    }

    /// <summary>A page of the list.</summary>
    public async Task<ListPage> PageAsync(User me, ListPlace place, CancellationToken cancellation)
    {
        var (at, id) = place.Before is { } before ? (before.At, await IdOf(db, me.Id, before.Key, cancellation)) : (Top.At, long.MaxValue);
        var rows = place switch
        {
            { IsArchive: true } => Archived(db, me.Id, at, id, LinesPerPage + 1),
            { Folder: { } folder } => InFolder(db, me.Id, folder, at, id, LinesPerPage + 1),
            _ => InUse(db, me.Id, at, id, LinesPerPage + 1),
        };
        var first = place == ListPlace.Start ? await Pinned(db, me.Id).ToListAsync(cancellation) : [];
        var (pinned, lines) = await LinesAsync(me.Id, first, await rows.ToListAsync(cancellation));
        var (now, zone) = (time.GetUtcNow(), ZoneOf(me));
        var shown = lines.Take(LinesPerPage).ToList();
        var continues = place.Before is { } above && ChatGroups.ByDay([.. shown.Prepend(new ChatLine("", "", above.At, false))], now, zone)[0] is { Lines.Count: > 1 } group ? group.Heading : null;
        return new ListPage(place, [.. PinnedGroup(pinned), .. ChatGroups.ByDay(shown, now, zone)],
            lines.Count > LinesPerPage ? place with { Before = shown[^1].Cursor } : null, await FoldersAsync(me.Id, cancellation), now, zone)
        { Continues = continues };
    }

    /// <summary>The chat to go to when another one was put away.</summary>
    public async Task<string?> NextAsync(long userId, CancellationToken cancellation) =>
        await InUse(db, userId, Top.At, long.MaxValue, 1).Concat(Pinned(db, userId)).Select(row => row.Key).FirstOrDefaultAsync(cancellation);

    /// <summary>Whether any chat is archived.</summary>
    public Task<bool> HasArchivedAsync(long userId, CancellationToken cancellation) =>
        db.ChatMembers.AnyAsync(m => m.UserId == userId && m.ArchivedAt != null && m.Chat.DeletedAt == null, cancellation);

    /// <summary>The folders that hold a chat in use, by their names.</summary>
    public async Task<IReadOnlyList<string>> FoldersAsync(long userId, CancellationToken cancellation)
    {
        var names = await db.Database.SqlQueryRaw<string>(FolderNames, userId).ToListAsync(cancellation);
        return [.. names.Order(StringComparer.InvariantCultureIgnoreCase)];
    }

    /// <summary>A change that its person has just made is not new to them.</summary>
    public async Task StayReadAsync(long userId, Chat chat, CancellationToken cancellation)
    {
        var member = await MembershipAsync(userId, chat.Id, cancellation);
        if (reads.Of(chat.Id, userId, member.ReadRevision) >= chat.Revision - 1) reads.Note(chat.Id, userId, chat.Revision);
    }

    public Task<ChatMember> MembershipAsync(long userId, long chatId, CancellationToken cancellation) => Membership(db, userId, chatId, cancellation);

    private TimeZoneInfo ZoneOf(User me) => Times.Zone(me.TimeZone ?? site.TimeZone);

    private static IEnumerable<ChatGroup> PinnedGroup(List<ChatLine> pinned) => pinned.Count == 0 ? [] : [new ChatGroup("Pinned", pinned)];

    private async Task<(List<ChatLine> Pinned, List<ChatLine> Others)> LinesAsync(long userId, List<Row> pinned, List<Row> others)
    {
        var answering = pinned.Count + others.Count == 0 ? [] : await Answering(db, userId).ToHashSetAsync();
        return (pinned.ConvertAll(Line), others.ConvertAll(Line));

        ChatLine Line(Row row) => new(row.Key, row.Title, row.At, answering.Contains(row.ChatId), IsUnread(userId, row), row.IsPinned, row.Folder);
    }

    // Where nothing was ever noted, as before there were marks, nothing is unread.
    private bool IsUnread(long userId, Row row) => reads.Of(row.ChatId, userId, row.ReadRevision) is > 0 and var read && row.Revision > read;

    private sealed record Row(long ChatId, string Key, string Title, DateTimeOffset At, long Revision, long ReadRevision, bool IsPinned, string? Folder);
}
