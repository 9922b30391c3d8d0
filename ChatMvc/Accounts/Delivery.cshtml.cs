using ChatMvc.Shared;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Accounts;

/// <summary>The part of a page that says how far the message came, for pages that look for a change: <c>204</c> without one.</summary>
[AllowAnonymous]
public sealed class DeliveryModel(CodeDeliveries deliveries, CurrentUser me) : PageModel
{
    public CodeDelivery? Delivery { get; private set; }

    /// <param name="purpose">Of the code.</param>
    /// <param name="stage">What the page shows.</param>
    public async Task<IActionResult> OnGetAsync(CodePurpose purpose, string? stage)
    {
        if (!Request.IsHtmx()) return HttpContext.SeeOther("/signin/code");
        Delivery = await deliveries.OfAsync(BrowserSecret.Of(HttpContext), purpose, UserIdFor(purpose), HttpContext.RequestAborted);
        return Delivery is { IsFollowed: true } && Delivery.Progress.Stage == stage ? new NoContentResult() : Page();
    }

    private long? UserIdFor(CodePurpose purpose) =>
        purpose is CodePurpose.SignIn or CodePurpose.ResetPassword || !me.IsSignedIn ? null : me.Id;
}
