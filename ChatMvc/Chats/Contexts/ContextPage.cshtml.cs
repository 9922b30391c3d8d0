using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Chats.Contexts;

/// <summary>One context: edit, order, make the default, delete and undo.</summary>
public sealed class ContextPageModel(ContextList contexts) : PageModel
{
    private const string List = "/contexts";

    public long Id { get; private set; }
    /// <summary>As it is stored.</summary>
    public string Name { get; private set; } = "";
    public TypedContext Typed { get; private set; } = new("", "");
    public (string Field, string Why)? Wrong { get; private set; }

    public async Task<IActionResult> OnGetAsync(long id, string? handler, CancellationToken cancellation)
    {
        if (handler is not null || await contexts.FindAsync(id, cancellation) is not { } context) return NotFound();
        (Id, Name, Typed) = (id, context.Name, new(context.Name, context.Text));
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(long id, string? name, string? text, CancellationToken cancellation)
    {
        if (await contexts.FindAsync(id, cancellation) is not { } context) return NotFound();
        (Id, Name, Typed) = (id, context.Name, TypedContext.Of(name, text));
        Wrong = Typed.Wrong;
        if (Wrong is null) return await contexts.EditAsync(id, Typed, cancellation) ? HttpContext.SeeOther(List + "?notice=saved") : NotFound();
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Request.IsHtmx() ? Htmx.ErrorNotice(Response.StatusCode, Wrong.Value.Why) : Page();
    }

    public async Task<IActionResult> OnPostUpAsync(long id, CancellationToken cancellation) => BackIf(await contexts.MoveAsync(id, -1, cancellation));

    public async Task<IActionResult> OnPostDownAsync(long id, CancellationToken cancellation) => BackIf(await contexts.MoveAsync(id, 1, cancellation));

    public async Task<IActionResult> OnPostDefaultAsync(long id, string? whether, CancellationToken cancellation) =>
        BackIf(await contexts.SetDefaultAsync(id, whether != "no", cancellation));

    public async Task<IActionResult> OnPostDeleteAsync(long id, CancellationToken cancellation) =>
        BackIf(await contexts.DeleteAsync(id, cancellation), $"?deleted={id}");

    public async Task<IActionResult> OnPostRestoreAsync(long id, CancellationToken cancellation) => BackIf(await contexts.RestoreAsync(id, cancellation), "?notice=restored");

    private IActionResult BackIf(bool isDone, string query = "") => isDone ? HttpContext.SeeOther(List + query) : NotFound();
}
