using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts;

/// <summary>Takes the answer to "What should we call you?", which the chat list asks once.</summary>
public sealed class NameModel(ChatDb db, CurrentUser me, TimeProvider time) : PageModel
{
    /// <summary>As it was typed.</summary>
    public string Typed { get; private set; } = "";
    /// <summary>What is wrong with the name, in words.</summary>
    public string? Error { get; private set; }

    public IActionResult OnGet() => HttpContext.SeeOther(ReturnUrl.Chats);

    public async Task<IActionResult> OnPostAsync(string? displayName, bool skip, CancellationToken cancellation)
    {
        string? name = null;
        if (!skip && !TypedName.TryRead(displayName, out name)) return Invalid(displayName ?? "");
        await db.WriteAsync(async () => (await db.Users.SingleAsync(u => u.Id == me.Id, cancellation)).AnswerForName(name, time.GetUtcNow()), cancellation);
        return HttpContext.SeeOther(ReturnUrl.Chats);
    }

    private PageResult Invalid(string typed)
    {
        Typed = typed.Length > Accounts.User.MaxDisplayName ? typed[..Accounts.User.MaxDisplayName] : typed;
        Error = TypedName.NotAName;
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Page();
    }
}
