using ChatMvc.Operators.State;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Accounts;

/// <summary>Takes the code that was sent, in the browser that asked for it.</summary>
[AllowAnonymous]
public sealed class CodeModel(CodePrompts prompts, SignIns signIns, CurrentUser me) : PageModel
{
    public string ReturnTo { get; private set; } = ReturnUrl.Chats;
    public CodePrompt Prompt { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string? returnUrl)
    {
        ReturnTo = ReturnUrl.Local(returnUrl);
        return await ShowAsync(error: null);
    }

    public async Task<IActionResult> OnPostAsync(string? code, string? returnUrl)
    {
        ReturnTo = ReturnUrl.Local(returnUrl);
        if (!TypedCode.TryRead(code, out var digits)) return await RefuseAsync(TypedCode.NotSixDigits);
        var device = DeviceName.Of(Request.Headers.UserAgent);
        long? replaced = me.IsSignedIn ? me.SessionId : null;
        var answer = await signIns.RedeemAsync(digits, BrowserSecret.Of(HttpContext), device, replaced, HttpContext.RequestAborted);
        if (answer.Closed is { } words) return await CloseAsync(words);
        if (answer.SessionKey is not { } key) return await RefuseAsync(answer.Code);
        await SessionCookie.SignInAsync(HttpContext, key);
        return HttpContext.SeeOther(ReturnTo);
    }

    private Task<IActionResult> CloseAsync(string words)
    {
        Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        Response.Headers.RetryAfter = $"{Maintenance.AskAgainAfter.TotalSeconds:0}";
        return ShowAsync($"Your code was right, but no accounts are opened for now. {words} Ask for a new code later.");
    }

    private async Task<IActionResult> RefuseAsync(CodeAnswer answer)
    {
        var page = await RefuseAsync(answer.InWords!);
        if (answer is CodeAnswer.Locked(var wait)) Response.TooManyRequests(wait);
        return page;
    }

    private Task<IActionResult> RefuseAsync(string why)
    {
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return ShowAsync(why);
    }

    private async Task<IActionResult> ShowAsync(string? error)
    {
        if (await prompts.OfAsync(HttpContext, CodePurpose.SignIn) is not { } prompt)
            return HttpContext.SeeOther("/signin?returnUrl=" + Uri.EscapeDataString(ReturnTo));
        Prompt = prompt with { Error = error };
        return Page();
    }
}
