using ChatMvc.Shared;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Accounts.Passwords;

/// <summary>Takes the code that was sent and a new password, in the browser that asked for it.</summary>
[AllowAnonymous]
public sealed class PasswordResetModel(CodePrompts prompts, AccountPasswords passwords, PasswordRules rules, CurrentUser me) : PageModel
{
    public string ReturnTo { get; private set; } = ReturnUrl.Chats;
    public CodePrompt Prompt { get; private set; } = null!;
    public string? PasswordError { get; private set; }
    /// <summary>Why nothing was looked at, in words.</summary>
    public string? Notice { get; private set; }
    public int MinLength => rules.MinLength;

    public async Task<IActionResult> OnGetAsync(string? returnUrl)
    {
        ReturnTo = ReturnUrl.Local(returnUrl);
        return await FindPromptAsync() ? Page() : ToTheStart();
    }

    public async Task<IActionResult> OnPostAsync(string? code, string? password, string? returnUrl)
    {
        ReturnTo = ReturnUrl.Local(returnUrl);
        if (!await FindPromptAsync()) return ToTheStart();
        // A password that is refused uses up neither the code nor a try at it.
        PasswordError = rules.Refuse(password, PhoneNumber.Parse(Prompt.Code.Phone));
        if (!TypedCode.TryRead(code, out var digits)) return Invalid(TypedCode.NotSixDigits);
        if (PasswordError is not null) return Invalid(null);
        var answer = await passwords.ResetAsync(digits, password!, PasswordAttempt.Of(HttpContext, me), HttpContext.RequestAborted);
        if (answer is null) return TooBusy();
        if (answer.IsSuspended) return HttpContext.SeeOther(SuspendedModel.Here);
        if (answer.SessionKey is not { } key) return Refuse(answer.Code);
        await SessionCookie.SignInAsync(HttpContext, key);
        return HttpContext.SeeOther(ReturnTo);
    }

    private async Task<bool> FindPromptAsync()
    {
        if (await prompts.OfAsync(HttpContext, CodePurpose.ResetPassword) is not { } prompt) return false;
        Prompt = prompt;
        return true;
    }

    private IActionResult ToTheStart() => HttpContext.SeeOther("/password/forgot?returnUrl=" + Uri.EscapeDataString(ReturnTo));

    private PageResult TooBusy()
    {
        Notice = new PasswordAnswer.Busy().Refuse(Response);
        return Page();
    }

    private PageResult Refuse(CodeAnswer answer)
    {
        var page = Invalid(answer.InWords);
        if (answer is CodeAnswer.Locked(var wait)) Response.TooManyRequests(wait);
        return page;
    }

    private PageResult Invalid(string? codeError)
    {
        Prompt = Prompt with { Error = codeError };
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Page();
    }
}
