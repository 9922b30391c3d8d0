using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Chats.List;

/// <summary>Where one chat stands in its person's list: pinned, archived, in a folder. The page shows a refusal alone.</summary>
public sealed class PlaceModel(ChatDb db, CurrentUser me, ChatLists lists, Placing placing, UndoCookie undo) : PageModel
{
    public string Key { get; private set; } = "";
    public string ChatTitle { get; private set; } = "";
    public string Refusal { get; private set; } = "";
    /// <summary>What cannot be the name of a folder; it stays in its field.</summary>
    public string? TypedFolder { get; private set; }

    public IActionResult OnGet() => NotFound();

    /// <summary>Pins or unpins, as the form says; without a word the other of the two.</summary>
    public Task<IActionResult> OnPostPinAsync(string key, string? pinned, CancellationToken cancellation) =>
        DoAsync(key, member => IsOn(pinned, member.PinnedAt is null) ? Deed.Pin : Deed.Unpin, null, cancellation);

    /// <summary>Archives or takes back, as the form says; without a word the other of the two.</summary>
    public Task<IActionResult> OnPostArchiveAsync(string key, string? archived, CancellationToken cancellation) =>
        DoAsync(key, member => IsOn(archived, member.ArchivedAt is null) ? Deed.Archive : Deed.TakeBack, null, cancellation);

    public Task<IActionResult> OnPostFolderAsync(string key, string? folder, CancellationToken cancellation) =>
        DoAsync(key, _ => Deed.Move, folder ?? "", cancellation);

    private static bool IsOn(string? word, bool otherwise) => word is null ? otherwise : word == "1";

    private async Task<IActionResult> DoAsync(string key, Func<ChatMember, Deed> deedFor, string? folder, CancellationToken cancellation)
    {
        if (await db.ReadChatAsync(me.Id, key, cancellation) is not { } chat) return NotFound();
        var deed = deedFor(await lists.MembershipAsync(me.Id, chat.Id, cancellation));
        var result = await placing.DoAsync(me.User, [key], deed, folder, cancellation);
        if (result.Placed is { } placed) return HttpContext.SeeOther(deed == Deed.Archive ? After(placed) : $"/chats/{key}");
        (Key, ChatTitle, Refusal, TypedFolder) = (key, chat.Title, result.Refusal!, folder);
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Request.IsHtmx() ? Htmx.ErrorNotice(Response.StatusCode, Refusal) : Page();
    }

    // What is hidden can be had back at once.
    private string After(Placed placed) => undo.Keep(HttpContext, me.Id, placed) is { } key ? ListPlace.Start.With($"undo={key}") : ListPlace.Start.Url;
}
