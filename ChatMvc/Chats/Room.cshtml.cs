using ChatMvc.Accounts;
using ChatMvc.Chats.Attachments;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>The chatroom: read, write, name, delete.</summary>
[TakesFiles("messages")]
public sealed class RoomModel(
    ChatDb db, CurrentUser me, RoomViews views, Sending sending, Attaching attaching, ModelList models, Fragments fragments, LiveRooms rooms, UnsentTexts unsent, TimeProvider time) : PageModel
{
    public RoomView Room { get; private set; } = null!;

    /// <summary>A chat that was just deleted and can be had back.</summary>
    public string? DeletedKey { get; private set; }

    public async Task<IActionResult> OnGetAsync(string key, string? handler, long? before, string? notice, string? deleted, CancellationToken cancellation)
    {
        if (handler is not null) return NotFound();
        DeletedKey = Chat.IsKey(deleted) ? deleted : null;
        return await ShowAsync(key, before: before, text: unsent.Find(me.Id, $"/chats/{key}"), notice: notice == "moved" ? Moved : null, cancellation: cancellation);
    }

    public async Task<IActionResult> OnPostMessagesAsync(string key, string? text, string? nonce, long? parent, CancellationToken cancellation)
    {
        // Nothing is stored for a chat that is not there.
        if (Request.HasFormContentType && Request.Form.Files.Count > 0 && await db.ReadChatAsync(me.Id, key, cancellation) is null) return NotFound();
        var result = await attaching.TakeAsync(me.User, Request, cancellation)
            ?? await sending.SendAsync(me.User, key, text, nonce, parent, cancellation, attaching.Kept);
        return await AnswerAsync(key, text, result, cancellation);
    }

    public async Task<IActionResult> OnPostSettingsAsync(string key, string? title, string? model, CancellationToken cancellation)
    {
        // A field that was emptied is bound as null, as one that is not in the form.
        if (title is null && Request.Form.ContainsKey("title")) title = "";
        if (title is not null && !Chat.IsTitle(title))
            return await RefuseAsync(key, new(NoticeKind.Error, $"A title has 1 to {Chat.MaxTitle} characters.", "title"), cancellation, title: title);
        // The model that the room has stays choosable when it is not offered any more: a rename changes nothing of it.
        var has = (await db.ReadChatAsync(me.Id, key, cancellation))?.Model;
        if (model is not null && model != has && !(await models.AllowedAsync()).Contains(model))
            return await RefuseAsync(key, new(NoticeKind.Error, "This model is not offered here. Choose one from the list.", "model"), cancellation, title: title);
        var chat = await db.WriteAsync(async () =>
        {
            var chat = await db.FindChatAsync(me.Id, key, cancellation);
            if (title is not null && title != chat?.Title) chat?.Rename(title);
            if (model is not null) chat?.Choose(model);
            return chat;
        }, cancellation);
        if (chat is null) return NotFound();
        rooms.Changed(chat.Id);
        return HttpContext.SeeOther($"/chats/{key}");
    }

    /// <summary>Puts the chat away and opens the next one, with a way back.</summary>
    public async Task<IActionResult> OnPostDeleteAsync(string key, CancellationToken cancellation)
    {
        var chat = await db.WriteAsync(async () =>
        {
            var chat = await db.FindChatAsync(me.Id, key, cancellation);
            chat?.Delete(time.GetUtcNow());
            return chat;
        }, cancellation);
        if (chat is null) return NotFound();
        foreach (var running in rooms.Running.Where(a => a.Room.ChatId == chat.Id)) running.Stop();
        rooms.Changed(chat.Id);
        return HttpContext.SeeOther(await views.RailAsync(me.User, take: 1) is [var next, ..] ? $"/chats/{next.Key}?deleted={key}" : $"/chats?deleted={key}");
    }

    /// <summary>Undoes a deletion, as long as the chat is kept.</summary>
    public async Task<IActionResult> OnPostRestoreAsync(string key, CancellationToken cancellation)
    {
        var restored = await db.WriteAsync(async () =>
        {
            var chat = await db.Chats.SingleOrDefaultAsync(c => c.Key == key && c.Members.Any(m => m.UserId == me.Id), cancellation);
            chat?.Restore();
            return chat is not null;
        }, cancellation);
        return restored ? HttpContext.SeeOther($"/chats/{key}") : NotFound();
    }

    private static readonly ComposeNotice Moved = new(NoticeKind.Info, "Newer messages had come meanwhile, so yours was added at the end.");

    private async Task<IActionResult> AnswerAsync(string key, string? text, SendResult result, CancellationToken cancellation)
    {
        if (result is SendResult.NotFound) return NotFound();
        if (result is not SendResult.Accepted accepted) return await RefuseAsync(key, SendNotice.Of(result, views.ZoneOf(me.User), time.GetUtcNow()), cancellation, text);
        unsent.Sent(me.Id, $"/chats/{key}");
        attaching.Sent();
        if (!Request.IsHtmx())
            return HttpContext.SeeOther($"/chats/{accepted.ChatKey}{(accepted.WasMoved ? "?notice=moved" : "")}#m-{accepted.AnswerId}");
        var compose = new ComposeView($"/chats/{accepted.ChatKey}/messages", "", accepted.AnswerId, await views.AllowanceOfChatAsync(me.User, accepted.ChatKey, cancellation), accepted.WasMoved ? Moved : null);
        return await fragments.ExchangeAsync(await views.MessagesAsync(me.User, accepted.ChatKey, accepted.QuestionId, accepted.AnswerId), compose);
    }

    private async Task<IActionResult> RefuseAsync(string key, ComposeNotice notice, CancellationToken cancellation, string? text = null, string? title = null)
    {
        Response.StatusCode = SendNotice.StatusOf(notice);
        return await ShowAsync(key, text: text ?? "", notice: notice, title: title, cancellation: cancellation);
    }

    private async Task<IActionResult> ShowAsync(string key, CancellationToken cancellation, long? before = null, string text = "", ComposeNotice? notice = null, string? title = null)
    {
        // One connection for all that the page reads.
        await db.Database.OpenConnectionAsync(cancellation);
        var chat = await db.ReadChatAsync(me.Id, key, cancellation);
        if (chat is null) return NotFound();
        if (notice is not null && Request.IsHtmx() && HttpMethods.IsPost(Request.Method))
            return await fragments.ComposeAsync(await views.ComposeAsync(me.User, chat, text, notice));
        if (await views.RoomAsync(me.User, chat, before, text, notice, cancellation) is not { } room) return NotFound();
        Room = room with { TypedTitle = title };
        return Page();
    }
}
