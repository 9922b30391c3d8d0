using ChatMvc.Accounts;
using ChatMvc.Chats;
using ChatMvc.Completions.Models;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Billing;

/// <summary>What a person has, and when more of it comes. Nothing of it where nothing is sold.</summary>
public sealed class PlanModel(CurrentUser me, RoomViews views, ModelList models, LimitSettings limits) : PageModel
{
    public AllowanceView Allowance { get; private set; } = null!;
    public string Window => Times.InWords(limits.Window);

    public async Task<IActionResult> OnGetAsync()
    {
        Allowance = await views.AllowanceAsync(me.User, await models.DefaultAsync());
        return Allowance.Standing.Payer == Completions.Payer.Operator ? NotFound() : Page();
    }
}
