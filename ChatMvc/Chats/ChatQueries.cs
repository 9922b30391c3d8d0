using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>The one way to a chat: through the person who asks. What is not theirs does not exist.</summary>
public static class ChatQueries
{
    public static IQueryable<Chat> VisibleTo(this IQueryable<Chat> chats, long userId) =>
        chats.Where(c => c.DeletedAt == null && c.Members.Any(m => m.UserId == userId));

    /// <summary>
    /// Answers that wait or are written. The words of the condition are those of the partial index: a query that says
    /// less than this reads every message there is.
    /// </summary>
    public static IQueryable<Message> Unfinished(this IQueryable<Message> messages) =>
        messages.Where(m => m.State == MessageState.Queued || m.State == MessageState.Streaming);

    public static Task<Chat?> FindAsync(this IQueryable<Chat> chats, string key, CancellationToken cancellation) =>
        chats.SingleOrDefaultAsync(c => c.Key == key, cancellation);
}
