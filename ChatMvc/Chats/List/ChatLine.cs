namespace ChatMvc.Chats.List;

/// <summary>One line of the chat list or the rail.</summary>
/// <param name="Key">Of the chat.</param>
/// <param name="At">What the list is ordered by: when it last got a message, or when it was archived.</param>
/// <param name="IsRunning">An answer waits or is written in it.</param>
/// <param name="IsUnread">It holds something that this person has not seen.</param>
public sealed record ChatLine(string Key, string Title, DateTimeOffset At, bool IsRunning, bool IsUnread = false, bool IsPinned = false, string? Folder = null)
{
    public string Url => $"/chats/{Key}";
    /// <summary>In words what a mark shows; null without one.</summary>
    public string? Mark => IsRunning ? "being answered" : IsUnread ? "not read yet" : null;
    public string? MarkClass => IsRunning ? "running" : IsUnread ? "unread" : null;
    public ListCursor Cursor => new(At, Key);
}

/// <summary>Lines under one heading.</summary>
public sealed record ChatGroup(string Heading, IReadOnlyList<ChatLine> Lines);
