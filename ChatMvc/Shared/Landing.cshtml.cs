using ChatMvc.Billing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Shared;

/// <summary>What a stranger sees; whoever is signed in goes on to the chats.</summary>
[AllowAnonymous]
public sealed class LandingModel(BillingSettings billing, LimitSettings limits) : PageModel
{
    /// <summary>Free messages in a window; null where nothing is limited.</summary>
    public int? Free => billing.Provider == BillingProvider.None || limits.BasicMessages == 0 ? null : limits.BasicMessages;

    public string Window => Times.InWords(limits.Window);

    /// <summary>The account of whoever comes here was just deleted.</summary>
    public bool SaysGoodbye { get; private set; }

    public IActionResult OnGet(string? notice)
    {
        SaysGoodbye = notice == "deleted";
        return User.Identity?.IsAuthenticated == true ? HttpContext.SeeOther("/chats") : Page();
    }
}
