using ChatMvc.Shared;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Accounts;

/// <summary>Ends the session of this device.</summary>
[AllowAnonymous]
public sealed class SignOutModel(SignIns signIns, CurrentUser me) : PageModel
{
    public IActionResult OnGet() => me.IsSignedIn ? Page() : HttpContext.SeeOther("/signin");

    public async Task<IActionResult> OnPostAsync()
    {
        if (me.IsSignedIn) await signIns.SignOutAsync(me.SessionId, HttpContext.RequestAborted);
        await SessionCookie.SignOutAsync(HttpContext);
        return HttpContext.SeeOther("/signin");
    }
}
