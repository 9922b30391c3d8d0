using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>What stands in a person's message box of a room, unsent.</summary>
public readonly record struct Draft(string Text, long Version);

/// <summary>
/// Drafts lie with the member, so that they are there on every device. Each save names the version it goes on from: a page
/// that was left open overwrites nothing newer.
/// </summary>
public static class Drafts
{
    private static readonly Func<ChatDb, long, long, CancellationToken, Task<DraftRow?>> Of =
        EF.CompileAsyncQuery((ChatDb db, long chatId, long userId, CancellationToken _) => db.ChatMembers
            .Where(m => m.ChatId == chatId && m.UserId == userId).Select(m => new DraftRow(m.Draft, m.DraftVersion)).SingleOrDefault());

    public static async Task<Draft> FindAsync(ChatDb db, long chatId, long userId, CancellationToken cancellation = default) =>
        await Of(db, chatId, userId, cancellation) is { } row ? new(row.Text ?? "", row.Version) : default;

    /// <summary>Stores a text over the version it goes on from, or over none; false when there is a newer one.</summary>
    public static async Task<bool> SaveAsync(ChatDb db, long chatId, long userId, string text, long version, CancellationToken cancellation) =>
        await db.Database.ExecuteSqlAsync($"""
            UPDATE ChatMembers SET Draft = NULLIF({text}, ''), DraftVersion = DraftVersion + 1
            WHERE ChatId = {chatId} AND UserId = {userId} AND (DraftVersion = {version} OR Draft IS NULL)
            """, cancellation) == 1;

    /// <summary>
    /// The room got a message. Its author's draft is done with when it is what was sent, or its beginning: a newer one of
    /// another page stays.
    /// </summary>
    public static Task SentAsync(ChatDb db, long chatId, long userId, long version, string text, DateTimeOffset now) =>
        db.Database.ExecuteSqlAsync($"""
            UPDATE ChatMembers SET ActiveAt = {now.ToUnixTimeMilliseconds()}, ArchivedAt = NULL,
                DraftVersion = DraftVersion + IIF(UserId = {userId} AND {version} >= 0 AND (DraftVersion = {version} OR instr({text}, Draft) = 1), 1, 0),
                Draft = IIF(UserId = {userId} AND {version} >= 0 AND (DraftVersion = {version} OR instr({text}, Draft) = 1), NULL, Draft)
            WHERE ChatId = {chatId}
            """);

    private sealed record DraftRow(string? Text, long Version);
}
