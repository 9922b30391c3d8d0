using ChatMvc.Chats.Attachments;
using ChatMvc.Chats.Contexts;
using ChatMvc.Completions;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Rendering;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>A message as the room, its own page and the stream show it: one partial for all three.</summary>
/// <param name="ChatKey">The room's key.</param>
/// <param name="Message">The row.</param>
/// <param name="Live">The text so far while it is written.</param>
/// <param name="Partial">Safe HTML of what an ended worker left of a running answer.</param>
/// <param name="Zone">The reader's time zone.</param>
public sealed record MessageView(string ChatKey, Message Message, LiveFrame? Live, string Partial, TimeZoneInfo Zone)
{
    public string ElementId => $"m-{Message.Id}";
    public string Url => $"/chats/{ChatKey}/messages/{Message.Id}";
    public string Role => Message.Role == Chats.Role.User ? "user" : "assistant";
    public string State => Message.State.ToString().ToLowerInvariant();
    public bool IsAnswer => Message.Role == Chats.Role.Assistant;
    public string Stamp => Times.Stamp(Message.CreatedAt, Zone);

    /// <summary>What came with it.</summary>
    public IReadOnlyList<Attachment> Files { get; init; } = [];

    /// <summary>What stands above it; null while it was not looked for.</summary>
    public MessageMark? Mark { get; init; }

    /// <summary>Whether this view is to hold the frame that shows the answer without scripts: the first unfinished one's.</summary>
    public bool HoldsFrame { get; init; }

    /// <summary>Whether it stands on a page of its own, with all its actions under it.</summary>
    public bool IsAlone { get; init; }

    /// <summary>The others that stand in its place.</summary>
    public Siblings Siblings { get; init; }

    /// <summary>Safe HTML of a finished answer, rendered anew when the stored one is of an older renderer.</summary>
    public string Html => HtmlOf(Message);

    /// <inheritdoc cref="Html"/>
    public static string HtmlOf(Message message) =>
        message.HtmlVersion == SafeMarkdown.Version ? message.Html ?? "" : SafeMarkdown.ToHtml(message.Text ?? "");

    /// <summary>One sentence about how it ended, or why it has not begun; null when there is nothing to say.</summary>
    public string? Note => Message switch
    {
        { State: MessageState.Queued, NotBefore: not null } => "The model’s server asked for a pause. The answer is tried again in a moment.",
        { State: MessageState.Queued } => "Waiting for its turn.",
        { State: MessageState.Stopped } => "Stopped.",
        { State: MessageState.Failed, Failure: { } failure } => FailureWords.Of(failure),
        { State: MessageState.Done, FinishReason: "length" } => "The answer reached its maximum length and ends here.",
        { State: MessageState.Done, FinishReason: "content_filter" } => "The provider’s content filter ended this answer here.",
        _ => null,
    };

    /// <summary>A view of a row as it is now in this process.</summary>
    /// <param name="chatKey">The room's key.</param>
    /// <param name="message">The row.</param>
    /// <param name="rooms">Where running answers are.</param>
    /// <param name="db">Where to read what else belongs to it.</param>
    /// <param name="zone">The reader's time zone.</param>
    /// <param name="files">Those of several messages, where they were read already.</param>
    public static async Task<MessageView> OfAsync(
        string chatKey, Message message, LiveRooms rooms, Data.ChatDb db, TimeZoneInfo zone, ILookup<long, Attachment>? files = null)
    {
        if (message.HasFiles)
            return new MessageView(chatKey, message, null, "", zone) { Files = [.. (files ?? await db.FilesOfAsync([message]))[message.Id]] };
        if (message.IsTerminal) return new MessageView(chatKey, message, null, "", zone);
        var live = rooms.Find(message.Id) is { } running && running.Attempt == message.Attempt ? running.Frame() : null;
        var partial = live is null ? await PartialText.BeforeAsync(db, message) + (message.Attempt > 0 ? await PartialText.OfAsync(db, message.Id) : "") : "";
        // It may have ended since its row was read: then neither a stream nor parts are left of it, but the row has all.
        if (live is null && message.State == MessageState.Streaming
            && await db.Messages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == message.Id) is { IsTerminal: true } ended)
            return new MessageView(chatKey, ended, null, "", zone);
        return new MessageView(chatKey, message, live, partial.Length > 0 ? SafeMarkdown.ToHtml(partial) : "", zone);
    }
}
