using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace ChatMvc.Chats.Attachments;

/// <summary>
/// A file of a message, for those who see its chat. A picture is shown in its place and a text is downloaded; neither can
/// do anything where it is opened. It never changes, so a browser may keep it.
/// </summary>
public static class AttachmentFile
{
    private const string Lasting = "private, max-age=31536000, immutable";
    private const string PlainText = "text/plain; charset=utf-8";

    public static async Task<IResult> GetAsync(string key, long mid, string file, HttpContext http, ChatDb db, CurrentUser me, UploadFiles uploads)
    {
        if (!Attachment.IsKey(file)) return Results.NotFound();
        var found = await db.Attachments.AsNoTracking().SingleOrDefaultAsync(a => a.Key == file && a.MessageId == mid
            && db.Messages.Any(m => m.Id == mid && m.DeletedAt == null && db.Chats.VisibleTo(me.Id).Any(c => c.Key == key && c.Id == m.ChatId)), http.RequestAborted);
        if (found is null || uploads.Find(found.Key) is not { } path) return Results.NotFound();
        var isImage = found.Kind == AttachmentKind.Image;
        var disposition = new ContentDispositionHeaderValue(isImage ? "inline" : "attachment");
        disposition.SetHttpFileName(found.Name);
        http.Response.Headers.ContentDisposition = disposition.ToString();
        http.Response.Headers.CacheControl = Lasting;
        http.Response.AllowNothing();
        return Results.File(path, isImage ? found.MediaType : PlainText, entityTag: new EntityTagHeaderValue($"\"{found.Key}\""));
    }
}
