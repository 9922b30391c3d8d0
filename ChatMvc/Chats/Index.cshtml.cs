using ChatMvc.Accounts;
using ChatMvc.Chats.Attachments;
using ChatMvc.Completions.Models;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Chats;

/// <summary>The chat list, and the box that starts a new one.</summary>
[TakesFiles]
public sealed class ChatsModel(CurrentUser me, RoomViews views, Sending sending, Attaching attaching, ModelList models, Fragments fragments, UnsentTexts unsent, TimeProvider time) : PageModel
{
    public const int ChatsPerPage = 50;
    private const int MaxPage = 100_000;

    public IReadOnlyList<ChatLine> Rail { get; private set; } = [];
    public IReadOnlyList<ChatLine> Chats { get; private set; } = [];
    public bool HasMore { get; private set; }
    public int Number { get; private set; } = 1;
    public ComposeView Compose { get; private set; } = null!;
    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;
    /// <summary>Asked once, and not again when it was skipped.</summary>
    public bool AsksForName => me.User.AskedForNameAt is null;
    /// <summary>A chat that was just deleted and can be had back.</summary>
    public string? DeletedKey { get; private set; }

    /// <summary>A link may bring the text of a question along; it waits in the box to be sent.</summary>
    public async Task<IActionResult> OnGetAsync([FromQuery(Name = "page")] int? number, string? deleted, string? text)
    {
        if (number is < 1 or > MaxPage) return NotFound();
        DeletedKey = Chat.IsKey(deleted) ? deleted : null;
        Compose = await ComposeAsync(text is { Length: <= Message.MaxText } ? text : unsent.Find(me.Id, "/chats"), null, null);
        await FillAsync(number ?? 1);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? text, string? model, string? nonce, CancellationToken cancellation)
    {
        var result = await attaching.TakeAsync(me.User, Request, cancellation)
            ?? await sending.StartAsync(me.User, text, model, nonce, cancellation, attaching.Kept);
        if (result is SendResult.Accepted accepted)
        {
            unsent.Sent(me.Id, "/chats");
            return HttpContext.SeeOther($"/chats/{accepted.ChatKey}");
        }
        var notice = SendNotice.Of(result, views.ZoneOf(me.User), time.GetUtcNow());
        Response.StatusCode = SendNotice.StatusOf(notice);
        Compose = await ComposeAsync(text ?? "", model, notice);
        if (Request.IsHtmx()) return await fragments.ComposeAsync(Compose);
        await FillAsync(1);
        return Page();
    }

    private async Task FillAsync(int number)
    {
        Number = number;
        Zone = views.ZoneOf(me.User);
        Rail = await views.RailAsync(me.User);
        var chats = await views.RailAsync(me.User, ChatsPerPage + 1, (number - 1) * ChatsPerPage);
        HasMore = chats.Count > ChatsPerPage;
        Chats = [.. chats.Take(ChatsPerPage)];
    }

    private async Task<ComposeView> ComposeAsync(string text, string? model, ComposeNotice? notice)
    {
        var allowed = await models.AllowedAsync();
        var chosen = model is not null && allowed.Contains(model) ? model : await models.DefaultAsync();
        return new ComposeView("/chats", text, null, await views.AllowanceAsync(me.User, chosen), notice) { Models = allowed, Model = chosen };
    }
}
