using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Accounts.Manage;

/// <summary>A page of somebody signed in that asks for a code and takes it.</summary>
public abstract class CodePage(CodePrompts prompts, CurrentUser me, CodePurpose purpose, TimeProvider time) : PageModel
{
    /// <summary>The code that can still be typed; null while none was asked for.</summary>
    public CodePrompt? Prompt { get; private set; }
    /// <summary>Why there is no code just now, in words.</summary>
    public string? Notice { get; private set; }
    public User Person => me.User;
    protected CurrentUser Me => me;
    protected DateTimeOffset Now => time.GetUtcNow();

    protected async Task<PageResult> ShowAsync(string? error = null)
    {
        var prompt = await prompts.OfAsync(HttpContext, purpose, me.Id);
        if (prompt is { Code: { RedeemedAt: null } code } && (code.ExpiresAt > time.GetUtcNow() || error is not null)) Prompt = prompt with { Error = error };
        else Notice ??= error;
        return Page();
    }

    protected Task<PageResult> RefuseAsync(string why)
    {
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return ShowAsync(why);
    }

    protected async Task<PageResult> RefuseAsync(CodeAnswer answer)
    {
        var page = await RefuseAsync(answer.InWords!);
        if (answer is CodeAnswer.Locked(var wait)) Response.TooManyRequests(wait);
        return page;
    }

    /// <summary>Too much of something: this page with the reason.</summary>
    protected async Task<PageResult> TooManyAsync(string why, TimeSpan wait)
    {
        Notice = why;
        Response.TooManyRequests(wait);
        return await ShowAsync();
    }

    /// <summary>The page to go on to when a code is on its way, else this one with the reason.</summary>
    protected async Task<IActionResult> AskedAsync(AskedForCode asked, string next) => asked switch
    {
        AskedForCode.TooSoon(var wait) => await TooManyAsync(asked.InWords!, wait),
        AskedForCode.DayUsedUp(var wait) => await TooManyAsync(asked.InWords!, wait),
        _ => Shared.Htmx.SeeOther(HttpContext, next),
    };
}
