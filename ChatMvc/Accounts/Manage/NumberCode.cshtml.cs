using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;

namespace ChatMvc.Accounts.Manage;

/// <summary>Takes the code that was sent to the new number, and moves the account there.</summary>
public sealed class NumberCodeModel(NumberChange change, CodePrompts prompts, CurrentUser me, TimeProvider time)
    : CodePage(prompts, me, CodePurpose.NewNumber, time)
{
    public async Task<IActionResult> OnGetAsync()
    {
        var page = await ShowAsync();
        return Prompt is null ? HttpContext.SeeOther("/account/number") : page;
    }

    public async Task<IActionResult> OnPostAsync(string? code, CancellationToken cancellation)
    {
        var browser = BrowserSecret.Of(HttpContext);
        // A code of this purpose is only ever sent after a proof, to this person in this browser.
        if (!TypedCode.TryRead(code, out var digits)) return await RefuseAsync(TypedCode.NotSixDigits);
        var answer = await change.MoveAsync(digits, browser, DeviceName.Of(Request.Headers.UserAgent), cancellation);
        if (answer.SessionKey is not { } key) return await RefuseAsync(answer.Code);
        await SessionCookie.SignInAsync(HttpContext, key);
        return HttpContext.SeeOther("/account?notice=number");
    }
}
