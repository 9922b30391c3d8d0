namespace ChatMvc.Chats;

/// <summary>What a room is to one person: pinned, archived, drafted and read are the member's, not the room's.</summary>
public sealed class ChatMember
{
    private ChatMember() { }

    public ChatMember(long userId, DateTimeOffset now)
    {
        UserId = userId;
        JoinedAt = now;
        ActiveAt = now;
    }

    public long ChatId { get; private set; }
    public Chat Chat { get; private set; } = null!;
    public long UserId { get; private set; }
    public DateTimeOffset JoinedAt { get; private set; }
    /// <summary>When the room last got a message: the chat list's order, kept here so that one index serves it.</summary>
    public DateTimeOffset ActiveAt { get; private set; }
    public DateTimeOffset? PinnedAt { get; private set; }
    public DateTimeOffset? ArchivedAt { get; private set; }
    public string? Folder { get; private set; }
    /// <summary>What stands in the message box, unsent.</summary>
    public string? Draft { get; private set; }
    /// <summary>Raised whenever the draft changes, so that a page which was left open cannot overwrite a newer one.</summary>
    public long DraftVersion { get; private set; }
    /// <summary>The room's revision that this person has seen.</summary>
    public long ReadRevision { get; private set; }

    /// <summary>At the top of the list, the last one pinned first.</summary>
    public void Pin(DateTimeOffset now) => PinnedAt ??= now;

    public void Unpin() => PinnedAt = null;

    /// <summary>Out of the list, until it is taken back or gets a message. It keeps its pin and its folder.</summary>
    public void Archive(DateTimeOffset now) => ArchivedAt ??= now;

    public void TakeBack() => ArchivedAt = null;

    /// <summary>Null for no folder.</summary>
    public void MoveTo(string? folder) => Folder = folder;
}
