using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Accounts;

/// <summary>
/// What a suspended person sees in place of their chats, after the right code or password: so it tells nobody else which
/// numbers have an account.
/// </summary>
[AllowAnonymous]
public sealed class SuspendedModel : PageModel
{
    public const string Here = "/signin/suspended";

    public void OnGet() { }
}
