using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>The one way to a chat: through the person who asks. What is not theirs does not exist.</summary>
public static class ChatQueries
{
    // Compiled once: they run with every page, message and event, and to translate them costs more than to run them.
    private static readonly Func<ChatDb, long, string, CancellationToken, Task<Chat?>> Visible =
        EF.CompileAsyncQuery((ChatDb db, long userId, string key, CancellationToken _) => db.Chats
            .SingleOrDefault(c => c.Key == key && c.DeletedAt == null && c.Members.Any(m => m.UserId == userId)));

    private static readonly Func<ChatDb, long, string, CancellationToken, Task<Chat?>> VisibleAsItIs =
        EF.CompileAsyncQuery((ChatDb db, long userId, string key, CancellationToken _) => db.Chats.AsNoTracking()
            .SingleOrDefault(c => c.Key == key && c.DeletedAt == null && c.Members.Any(m => m.UserId == userId)));

    private static readonly Func<ChatDb, long, long, CancellationToken, Task<bool>> AnyUnfinished =
        EF.CompileAsyncQuery((ChatDb db, long userId, long chatId, CancellationToken _) => db.Messages
            .Any(m => (m.State == MessageState.Queued || m.State == MessageState.Streaming) && m.AskedById == userId && m.ChatId == chatId));

    private static readonly Func<ChatDb, long, CancellationToken, Task<int>> CountUnfinished =
        EF.CompileAsyncQuery((ChatDb db, long userId, CancellationToken _) => db.Messages
            .Count(m => (m.State == MessageState.Queued || m.State == MessageState.Streaming) && m.AskedById == userId));

    public static IQueryable<Chat> VisibleTo(this IQueryable<Chat> chats, long userId) =>
        chats.Where(c => c.DeletedAt == null && c.Members.Any(m => m.UserId == userId));

    /// <summary>
    /// Answers that wait or are written. The words of the condition are those of the partial index: a query that says
    /// less than this reads every message there is.
    /// </summary>
    public static IQueryable<Message> Unfinished(this IQueryable<Message> messages) =>
        messages.Where(m => m.State == MessageState.Queued || m.State == MessageState.Streaming);

    /// <summary>A person's chat, to be changed.</summary>
    public static Task<Chat?> FindChatAsync(this ChatDb db, long userId, string key, CancellationToken cancellation) =>
        Visible(db, userId, key, cancellation);

    /// <summary>A person's chat, to be shown: not tracked.</summary>
    public static Task<Chat?> ReadChatAsync(this ChatDb db, long userId, string key, CancellationToken cancellation) =>
        VisibleAsItIs(db, userId, key, cancellation);

    /// <summary>Whether an answer that this person asked for waits or is written in a chat.</summary>
    public static Task<bool> IsAnsweringAsync(this ChatDb db, long userId, long chatId, CancellationToken cancellation) =>
        AnyUnfinished(db, userId, chatId, cancellation);

    /// <summary>How many answers that this person asked for wait or are written.</summary>
    public static Task<int> UnfinishedOfAsync(this ChatDb db, long userId, CancellationToken cancellation) =>
        CountUnfinished(db, userId, cancellation);
}
