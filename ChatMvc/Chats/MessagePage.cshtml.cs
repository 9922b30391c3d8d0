using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Billing.Usage;
using ChatMvc.Chats.Attachments;
using ChatMvc.Completions;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>One message with all its actions as forms.</summary>
public sealed class MessagePageModel(
    ChatDb db, CurrentUser me, RoomViews views, Sending sending, Attaching attaching, Deletions deletions, Answers answers, ModelList models, Fragments fragments, LiveRooms rooms, BillingSettings billing, TimeProvider time) : PageModel
{
    public string Key { get; private set; } = "";
    public string ChatTitle { get; private set; } = "";
    public MessageView Message { get; private set; } = null!;
    public IReadOnlyList<string> Models { get; private set; } = [];
    public ComposeNotice? Notice { get; private set; }
    /// <summary>What was typed in place of the question and could not be taken.</summary>
    public string? Typed { get; private set; }
    /// <summary>Of an answer that has ended.</summary>
    public Receipt? Receipt { get; private set; }

    public async Task<IActionResult> OnGetAsync(string key, long mid, string? handler, CancellationToken cancellation) =>
        handler is null ? await ShowAsync(key, mid, null, cancellation) : NotFound();

    public async Task<IActionResult> OnPostStopAsync(string key, long mid, CancellationToken cancellation)
    {
        if (await FindAsync(key, mid, cancellation) is null) return NotFound();
        await answers.StopAsync(mid, cancellation);
        if (!Request.IsHtmx()) return HttpContext.SeeOther($"/chats/{key}#m-{mid}");
        return await views.MessagesAsync(me.User, key, mid) is [var stopped] ? await fragments.MessageAsync(stopped, await views.AllowanceOfChatAsync(me.User, key, cancellation)) : NotFound();
    }

    public async Task<IActionResult> OnPostRegenerateAsync(string key, long mid, string? model, CancellationToken cancellation) =>
        await AnswerAsync(key, mid, await sending.AskAgainAsync(me.User, key, mid, model, cancellation), cancellation);

    public async Task<IActionResult> OnPostContinueAsync(string key, long mid, CancellationToken cancellation) =>
        await AnswerAsync(key, mid, await sending.ContinueAsync(me.User, key, mid, cancellation), cancellation);

    public async Task<IActionResult> OnPostEditAsync(string key, long mid, string? text, string? nonce, CancellationToken cancellation)
    {
        Typed = text ?? "";
        var result = await attaching.TakeFromAsync(me.User, mid, cancellation)
            ?? await sending.EditAsync(me.User, key, mid, text, nonce, attaching.Kept, cancellation);
        if (result is not SendResult.Accepted { IsNew: true }) await attaching.LetGoAsync();
        return await AnswerAsync(key, mid, result, cancellation);
    }

    /// <summary>Puts the message away, with a way back.</summary>
    public async Task<IActionResult> OnPostDeleteAsync(string key, long mid, CancellationToken cancellation)
    {
        if (await deletions.DeleteAsync(me.User, key, mid, cancellation) is not { } gone) return NotFound();
        return StaysInRoom ? await fragments.DeletedAsync(gone) : HttpContext.SeeOther(gone.RoomUrl);
    }

    /// <summary>Undoes it.</summary>
    public async Task<IActionResult> OnPostRestoreAsync(string key, long mid, long? head, CancellationToken cancellation)
    {
        if (await deletions.RestoreAsync(me.User, key, mid, head, cancellation) is not { } isShown) return NotFound();
        if (!StaysInRoom) return HttpContext.SeeOther($"/chats/{key}?at={mid}#m-{mid}");
        return await fragments.RestoredAsync(isShown ? await views.MessagesAsync(me.User, key, mid) : []);
    }

    // A page of another branch than the head's is left for the room, which then shows the one that was made.
    private bool StaysInRoom => Request.IsHtmx() && !Request.Headers["HX-Current-URL"].ToString().Contains("at=", StringComparison.Ordinal);

    private async Task<IActionResult> AnswerAsync(string key, long mid, SendResult result, CancellationToken cancellation)
    {
        if (result is SendResult.NotFound) return NotFound();
        if (result is SendResult.Accepted accepted) return await ShowNewAsync(key, mid, accepted, cancellation);
        var notice = SendNotice.Of(result, views.ZoneOf(me.User), time.GetUtcNow());
        Response.Refuse(notice);
        return !Request.IsHtmx() ? await ShowAsync(key, mid, notice, cancellation)
            : Typed is null ? await fragments.NoticeAsync(notice)
            : await fragments.NoticeAsync(notice, $"#edit-{mid}-notices");
    }

    private async Task<IActionResult> ShowNewAsync(string key, long replaced, SendResult.Accepted accepted, CancellationToken cancellation)
    {
        if (!StaysInRoom) return HttpContext.SeeOther($"/chats/{key}#m-{accepted.AnswerId}");
        var made = await views.MessagesAsync(me.User, key, accepted.QuestionId, accepted.AnswerId);
        return await fragments.MessagesAsync(Typed is null ? made.Skip(1) : made, await views.AllowanceOfChatAsync(me.User, key, cancellation), replaced);
    }

    private async Task<IActionResult> ShowAsync(string key, long mid, ComposeNotice? notice, CancellationToken cancellation)
    {
        if (await FindAsync(key, mid, cancellation) is not { } message) return NotFound();
        Key = key;
        Notice = notice;
        if (Request.IsHtmx() && Request.Query.ContainsKey("edit")) return Partial("/Chats/_Edit.cshtml", Edit(message));
        var siblings = await Siblings.OfAsync(db, message.ChatId, [mid], cancellation);
        Message = await MessageView.OfAsync(key, message, rooms, db, views.ZoneOf(me.User)) with { IsAlone = true, HoldsFrame = message.IsRunning, Siblings = siblings.GetValueOrDefault(mid) };
        if (Request.IsHtmx() && Request.Query.ContainsKey("actions")) return Partial("/Chats/_Actions.cshtml", Message);
        ChatTitle = await db.Chats.Where(c => c.Id == message.ChatId).Select(c => c.Title).SingleAsync(cancellation);
        if (message is { Role: Role.Assistant, IsTerminal: true })
            Receipt = await Receipt.OfAsync(db, message, billing, views.ZoneOf(me.User), cancellation);
        // In its room what it took and cost is asked for alone.
        if (Request.IsHtmx() && Receipt is not null) return Partial("/Billing/Usage/_Receipt.cshtml", Receipt);
        Models = await models.AllowedAsync();
        return Page();
    }

    public EditView Edit(Message message) => new($"/chats/{Key}/messages/{message.Id}", message.Id, Typed ?? message.Text ?? "", Notice, message.HasFiles);

    // Only through a chat of one's own, and only inside it.
    private Task<Message?> FindAsync(string key, long mid, CancellationToken cancellation) => db.Messages.AsNoTracking()
        .SingleOrDefaultAsync(m => m.Id == mid && m.DeletedAt == null && db.Chats.VisibleTo(me.Id).Any(c => c.Key == key && c.Id == m.ChatId), cancellation);
}
