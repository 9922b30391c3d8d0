using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Billing.Usage;
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
    ChatDb db, CurrentUser me, RoomViews views, Sending sending, Answers answers, ModelList models, Fragments fragments, LiveRooms rooms, BillingSettings billing, TimeProvider time) : PageModel
{
    public string Key { get; private set; } = "";
    public string ChatTitle { get; private set; } = "";
    public MessageView Message { get; private set; } = null!;
    public IReadOnlyList<string> Models { get; private set; } = [];
    public ComposeNotice? Notice { get; private set; }
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

    public async Task<IActionResult> OnPostRegenerateAsync(string key, long mid, string? model, CancellationToken cancellation)
    {
        var result = await sending.AskAgainAsync(me.User, key, mid, model, cancellation);
        if (result is SendResult.NotFound) return NotFound();
        if (result is SendResult.Accepted accepted) return await ShowAgainAsync(key, mid, accepted, cancellation);
        var notice = SendNotice.Of(result, views.ZoneOf(me.User), time.GetUtcNow());
        Response.StatusCode = SendNotice.StatusOf(notice);
        return Request.IsHtmx() ? await fragments.NoticeAsync(notice) : await ShowAsync(key, mid, notice, cancellation);
    }

    private async Task<IActionResult> ShowAgainAsync(string key, long replaced, SendResult.Accepted accepted, CancellationToken cancellation)
    {
        if (!Request.IsHtmx()) return HttpContext.SeeOther($"/chats/{key}#m-{accepted.AnswerId}");
        return await views.MessagesAsync(me.User, key, accepted.AnswerId) is [var answer]
            ? await fragments.MessageAsync(answer, await views.AllowanceOfChatAsync(me.User, key, cancellation), replaced)
            : NotFound();
    }

    private async Task<IActionResult> ShowAsync(string key, long mid, ComposeNotice? notice, CancellationToken cancellation)
    {
        if (await FindAsync(key, mid, cancellation) is not { } message) return NotFound();
        Key = key;
        Notice = notice;
        ChatTitle = await db.Chats.Where(c => c.Id == message.ChatId).Select(c => c.Title).SingleAsync(cancellation);
        Message = await MessageView.OfAsync(key, message, rooms, db, views.ZoneOf(me.User)) with { HoldsFrame = message.IsRunning };
        if (message is { Role: Role.Assistant, IsTerminal: true })
            Receipt = await Receipt.OfAsync(db, message, billing, views.ZoneOf(me.User), cancellation);
        // In its room what it took and cost is asked for alone.
        if (Request.IsHtmx() && Receipt is not null) return Partial("/Billing/Usage/_Receipt.cshtml", Receipt);
        Models = await models.AllowedAsync();
        return Page();
    }

    // Only through a chat of one's own, and only inside it.
    private Task<Message?> FindAsync(string key, long mid, CancellationToken cancellation) => db.Messages.AsNoTracking()
        .SingleOrDefaultAsync(m => m.Id == mid && m.DeletedAt == null && db.Chats.VisibleTo(me.Id).Any(c => c.Key == key && c.Id == m.ChatId), cancellation);
}
