using System.Globalization;
using ChatMvc.Accounts;
using ChatMvc.Chats.Attachments;
using ChatMvc.Chats.Contexts;
using ChatMvc.Completions;
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
    ChatDb db, CurrentUser me, RoomViews views, Sending sending, Attaching attaching, ModelList models, ContextList contexts, OpenAISettings openAI, Fragments fragments, LiveRooms rooms,
    UnsentTexts unsent, TimeProvider time, List.ChatLists lists) : PageModel
{
    public RoomView Room { get; private set; } = null!;

    /// <summary>A chat that was just deleted and can be had back.</summary>
    public string? DeletedKey { get; private set; }

    /// <summary>A message that was just deleted and can be had back, and what was the head then.</summary>
    public GoneMessage? Gone { get; private set; }

    public async Task<IActionResult> OnGetAsync(
        string key, string? handler, long? before, long? at, long? quote, long? gone, long? head, string? notice, string? deleted, CancellationToken cancellation)
    {
        if (handler is not null) return NotFound();
        DeletedKey = Chat.IsKey(deleted) ? deleted : null;
        Gone = gone is { } mid ? new(key, mid, head) : null;
        var waiting = unsent.Find(me.Id, $"/chats/{key}");
        return await ShowAsync(key, before: before, at: at, quote: quote, text: waiting.Length > 0 ? waiting : null, notice: notice == "moved" ? Moved : null, cancellation: cancellation);
    }

    public async Task<IActionResult> OnPostMessagesAsync(string key, string? text, string? nonce, long? parent, long? at, long? draft, CancellationToken cancellation)
    {
        // Nothing is stored for a chat that is not there.
        if (Request.HasFormContentType && Request.Form.Files.Count > 0 && await db.ReadChatAsync(me.Id, key, cancellation) is null) return NotFound();
        var result = await attaching.TakeAsync(me.User, Request, cancellation)
            ?? await sending.SendAsync(me.User, key, text, nonce, parent, at, draft, cancellation, attaching.Kept);
        return await AnswerAsync(key, text, at, draft, result, cancellation);
    }

    /// <summary>Keeps what stands in the box. Answers its new version, or what to do about a newer one.</summary>
    public async Task<IActionResult> OnPostDraftAsync(string key, string? text, string? nonce, long draft, CancellationToken cancellation)
    {
        if (await db.ReadChatAsync(me.Id, key, cancellation) is not { } chat) return NotFound();
        text = Sending.Normalize(text);
        if (text.Length > Message.MaxText) return StatusCode(StatusCodes.Status422UnprocessableEntity);
        var isKept = await db.WriteAsync(async () =>
            // Late: its form was sent meanwhile.
            await sending.WasSentAsync(me.User, nonce, cancellation) ? (bool?)null : await Drafts.SaveAsync(db, chat.Id, me.Id, text, draft, cancellation), cancellation);
        if (isKept is null) return new NoContentResult();
        var latest = await Drafts.FindAsync(db, chat.Id, me.Id, cancellation);
        if (isKept.Value) return Content(latest.Version.ToString(CultureInfo.InvariantCulture));
        return await fragments.NewerDraftAsync(key, latest);
    }

    public async Task<IActionResult> OnPostSettingsAsync(string key, CancellationToken cancellation)
    {
        var typed = TypedSettings.Of(Request.Form);
        if (await WrongAsync(key, typed, cancellation) is (var field, var why))
            return await RefuseAsync(key, new(NoticeKind.Error, why, field), cancellation, typed: typed);
        var (_, context) = await contexts.ReadAsync(typed.ContextId, cancellation);
        var chat = await db.WriteAsync(async () =>
        {
            var chat = await db.FindChatAsync(me.Id, key, cancellation);
            if (chat is not null) typed.Apply(chat, context, openAI.MaxAnswerTokens);
            return chat;
        }, cancellation);
        if (chat is null) return NotFound();
        await lists.StayReadAsync(me.Id, chat, cancellation);
        rooms.Changed(chat.Id);
        return HttpContext.SeeOther($"/chats/{key}");
    }

    private async Task<(string Field, string Why)?> WrongAsync(string key, TypedSettings typed, CancellationToken cancellation)
    {
        if (typed.Wrong(openAI.MaxAnswerTokens) is { } wrong) return wrong;
        var has = await db.ReadChatAsync(me.Id, key, cancellation);
        // The model that the room has stays choosable when it is not offered any more: a rename changes nothing of it.
        if (typed.Model is not null && typed.Model != has?.Model && !await models.OffersAsync(typed.Model))
            return ("model", "This model is not offered here. Choose one from the list.");
        return (await contexts.ReadAsync(typed.ContextId, cancellation)).IsKnown ? null : ("contextId", Sending.NoSuchContext);
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
        return HttpContext.SeeOther(await lists.NextAsync(me.Id, cancellation) is { } next ? $"/chats/{next}?deleted={key}" : $"/chats?deleted={key}");
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

    private async Task<IActionResult> AnswerAsync(string key, string? text, long? at, long? draft, SendResult result, CancellationToken cancellation)
    {
        if (result is SendResult.NotFound) return NotFound();
        if (result is not SendResult.Accepted accepted) return await RefuseAsync(key, SendNotice.Of(result, views.ZoneOf(me.User), time.GetUtcNow()), cancellation, text ?? "", at: at, draft: draft);
        unsent.Sent(me.Id, $"/chats/{key}");
        attaching.Sent();
        if (!Request.IsHtmx())
            return HttpContext.SeeOther($"/chats/{accepted.ChatKey}{(accepted.WasMoved ? "?notice=moved" : "")}#m-{accepted.AnswerId}");
        var chat = (await db.ReadChatAsync(me.Id, accepted.ChatKey, cancellation))!;
        var compose = await views.ComposeAsync(me.User, chat, text: null, accepted.WasMoved ? Moved : null);
        return await fragments.ExchangeAsync(await views.MessagesAsync(me.User, accepted.ChatKey, accepted.QuestionId, accepted.AnswerId), compose);
    }

    private async Task<IActionResult> RefuseAsync(
        string key, ComposeNotice notice, CancellationToken cancellation, string? text = null, TypedSettings? typed = null, long? at = null, long? draft = null)
    {
        Response.Refuse(notice);
        return await ShowAsync(key, at: at, text: text, notice: notice, typed: typed, draft: draft, cancellation: cancellation);
    }

    private async Task<IActionResult> ShowAsync(
        string key, CancellationToken cancellation, long? before = null, long? at = null, long? quote = null, string? text = null, ComposeNotice? notice = null,
        TypedSettings? typed = null, long? draft = null)
    {
        // One connection for all that the page reads.
        await db.Database.OpenConnectionAsync(cancellation);
        var chat = await db.ReadChatAsync(me.Id, key, cancellation);
        if (chat is null) return NotFound();
        if (notice is not null && Request.IsHtmx() && HttpMethods.IsPost(Request.Method))
        {
            var refused = await views.ComposeAsync(me.User, chat, text, notice, at);
            return await fragments.ComposeAsync(refused with { Draft = draft ?? refused.Draft });
        }
        if (await views.RoomAsync(me.User, chat, before, at, text, notice, cancellation) is not { } room) return NotFound();
        if (quote is { } mid)
        {
            if (await db.Messages.Where(m => m.Id == mid && m.ChatId == chat.Id && m.DeletedAt == null).Select(m => m.Text).SingleOrDefaultAsync(cancellation) is not { } quoted) return NotFound();
            room = room with { Compose = room.Compose with { Text = Quote.Below(room.Compose.Text, quoted) } };
        }
        Room = room with { Typed = typed, Compose = room.Compose with { Draft = draft ?? room.Compose.Draft } };
        return Page();
    }
}
