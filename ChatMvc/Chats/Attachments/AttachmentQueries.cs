using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats.Attachments;

public static class AttachmentQueries
{
    private static readonly ILookup<long, Attachment> None = Array.Empty<Attachment>().ToLookup(a => a.Id);

    /// <summary>The files of messages, in the order they were chosen. Nothing is asked where there are no messages.</summary>
    public static async Task<ILookup<long, Attachment>> FilesOfAsync(this ChatDb db, IReadOnlyCollection<long> messages, CancellationToken cancellation = default) =>
        messages.Count == 0 ? None
        : (await db.Attachments.AsNoTracking().Where(a => a.MessageId != null && messages.Contains(a.MessageId.Value)).OrderBy(a => a.Id).ToListAsync(cancellation))
            .ToLookup(a => a.MessageId!.Value);

    /// <summary>The files of those among these messages that have any.</summary>
    public static Task<ILookup<long, Attachment>> FilesOfAsync(this ChatDb db, IEnumerable<Message> messages) =>
        db.FilesOfAsync([.. messages.Where(m => m.HasFiles).Select(m => m.Id)]);
}
