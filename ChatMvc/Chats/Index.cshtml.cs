using ChatMvc.Accounts;
using ChatMvc.Chats.Attachments;
using ChatMvc.Chats.Contexts;
using ChatMvc.Chats.List;
using ChatMvc.Completions.Models;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Chats;

/// <summary>The chat list, and the box that starts a new one.</summary>
[TakesFiles]
public sealed class ChatsModel(
    CurrentUser me, RoomViews views, ChatLists lists, Placing placing, UndoCookie undos, Sending sending, Attaching attaching, ModelList models, ContextList contexts, Fragments fragments,
    ListFragments parts, UnsentTexts unsent, TimeProvider time) : PageModel
{
    private ListPlace place = ListPlace.Start;

    public Rail Rail { get; private set; } = null!;
    public ListPage List { get; private set; } = null!;
    public ComposeView Compose { get; private set; } = null!;
    /// <summary>There is no chat at all, nor was one just put away.</summary>
    public bool HasNone { get; private set; }
    /// <summary>Asked once, and not again when it was skipped.</summary>
    public bool AsksForName => me.User.AskedForNameAt is null;
    /// <summary>A chat that was just deleted and can be had back.</summary>
    public string? DeletedKey { get; private set; }

    // Which chats the page lists; its forms carry it along.
    [FromQuery(Name = "archived")] public string? Archived { get; set; }
    [FromQuery(Name = "folder")] public string? Folder { get; set; }
    [FromQuery(Name = "before")] public string? Before { get; set; }

    /// <summary>A link may bring the text of a question along; it waits in the box to be sent.</summary>
    public async Task<IActionResult> OnGetAsync(string? handler, string? deleted, string? undo, string? text, CancellationToken cancellation)
    {
        if (handler is not null || !TryPlace()) return NotFound();
        if (Request.IsHtmx() && place.Before is not null) return Partial("/Chats/List/_Lines.cshtml", await lists.PageAsync(me.User, place, cancellation));
        DeletedKey = Chat.IsKey(deleted) ? deleted : null;
        Compose = await ComposeAsync(text is { Length: <= Message.MaxText } ? text : unsent.Find(me.Id, "/chats"), null, null, null);
        await FillAsync(cancellation, undo, undos.Find(HttpContext, me.Id, undo));
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? text, string? model, string? contextId, string? nonce, CancellationToken cancellation)
    {
        // What was emptied is bound as null, as what is not in the form.
        if (Request.Form.ContainsKey("contextId")) contextId ??= "";
        var result = await attaching.TakeAsync(me.User, Request, cancellation)
            ?? await sending.StartAsync(me.User, text, model, contextId, nonce, cancellation, attaching.Kept);
        if (result is SendResult.Accepted accepted)
        {
            unsent.Sent(me.Id, "/chats");
            return HttpContext.SeeOther($"/chats/{accepted.ChatKey}");
        }
        var notice = SendNotice.Of(result, views.ZoneOf(me.User), time.GetUtcNow());
        Response.Refuse(notice);
        Compose = await ComposeAsync(text ?? "", model, contextId, notice);
        if (Request.IsHtmx()) return await fragments.ComposeAsync(Compose);
        await FillAsync(cancellation);
        return Page();
    }

    /// <summary>Does one thing to many chats, or to the one that stands beside the word.</summary>
    public async Task<IActionResult> OnPostBulkAsync([FromForm] string[]? keys, [FromForm(Name = "do")] string? what, [FromForm(Name = "folder")] string? target, CancellationToken cancellation)
    {
        if (!TryPlace()) return NotFound();
        var words = (what ?? "").Split(' ', 2);
        HashSet<string> chosen = words.Length == 2 ? [words[1]] : [.. (keys ?? []).Where(Chat.IsKey)];
        if (DeedOf(words[0]) is not { } deed) return await RefuseAsync("Choose what to do with the chats.", chosen, target, cancellation);
        if (chosen.Count == 0) return await RefuseAsync("Choose one or more chats first.", chosen, target, cancellation);
        if (chosen.Count > Placing.MaxAtOnce) return await RefuseAsync($"{Placing.MaxAtOnce} chats are the most at once. Choose fewer.", chosen, target, cancellation);
        var result = await placing.DoAsync(me.User, chosen, deed, target, cancellation);
        return result.Placed is { } placed ? await ShowAsync(placed, cancellation) : await RefuseAsync(result.Refusal!, chosen, target, cancellation);
    }

    public async Task<IActionResult> OnPostUndoAsync([FromForm] string? undo, CancellationToken cancellation)
    {
        if (!TryPlace()) return NotFound();
        if (undos.Find(HttpContext, me.Id, undo) is not { } placed)
            return await RefuseAsync("This cannot be undone any more here. Deleted chats are kept for a week.", new HashSet<string>(), null, cancellation);
        await placing.UndoAsync(me.User, placed, cancellation);
        undos.Forget(HttpContext);
        return await ShowAsync(null, cancellation);
    }

    private static Deed? DeedOf(string word) => word switch
    {
        "archive" => Deed.Archive,
        "unarchive" => Deed.TakeBack,
        "delete" => Deed.Delete,
        "move" => Deed.Move,
        "pin" => Deed.Pin,
        "unpin" => Deed.Unpin,
        _ => null,
    };

    private bool TryPlace()
    {
        var before = ListCursor.Parse(Before);
        if (Before is not null && before is null || Folder is { Length: 0 or > FolderName.MaxLength }) return false;
        place = new ListPlace(Archived == "1", Archived == "1" ? null : Folder, before);
        return true;
    }

    private async Task<IActionResult> ShowAsync(Placed? placed, CancellationToken cancellation)
    {
        var undo = placed?.Words is null ? null : undos.Keep(HttpContext, me.Id, placed);
        if (!Request.IsHtmx()) return HttpContext.SeeOther((undo is null ? place.Url : place.With($"undo={undo}")) + "#chat-list");
        await FillAsync(cancellation, undo, placed);
        return await parts.AllAsync(List, Rail);
    }

    private async Task<IActionResult> RefuseAsync(string why, IReadOnlySet<string> chosen, string? folder, CancellationToken cancellation)
    {
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        await FillAsync(cancellation);
        List = List with { Refusal = why, Chosen = chosen, TypedFolder = folder };
        if (Request.IsHtmx()) return await parts.AllAsync(List, Rail);
        Compose = await ComposeAsync(unsent.Find(me.Id, "/chats"), null, null, null);
        return Page();
    }

    private async Task FillAsync(CancellationToken cancellation, string? undo = null, Placed? placed = null)
    {
        Rail = await lists.RailAsync(me.User, null);
        var page = await lists.PageAsync(me.User, place, cancellation);
        List = page with { Undo = placed is null ? null : undo, Done = placed?.Words };
        HasNone = page.IsEmpty && place == ListPlace.Start && placed is null && !await lists.HasArchivedAsync(me.Id, cancellation);
    }

    private async Task<ComposeView> ComposeAsync(string text, string? model, string? contextId, ComposeNotice? notice)
    {
        var allowed = await models.AllowedAsync();
        var chosen = model is not null && allowed.Contains(model) ? model : await models.DefaultAsync();
        var choices = await contexts.ChoicesAsync();
        var context = contextId is null ? choices.Find(c => c.IsDefault) : choices.Find(c => contextId == $"{c.Id}");
        return new ComposeView("/chats", text, null, await views.AllowanceAsync(me.User, chosen), notice)
        {
            Models = allowed,
            Model = chosen,
            Contexts = choices,
            ContextId = context?.Id,
        };
    }
}
