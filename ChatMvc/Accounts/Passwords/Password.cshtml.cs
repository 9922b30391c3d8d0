using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Accounts.Passwords;

/// <summary>Sets a first password, or changes it.</summary>
public sealed class PasswordModel(AccountPasswords passwords, PasswordRules rules, CurrentUser me) : PageModel
{
    private const string NotTheCurrentOne = "That is not your current password. Try again, or reset it with a code.";

    public bool HasPassword => me.User.PasswordHash is not null;
    public string Phone => me.User.Phone;
    public int MinLength => rules.MinLength;
    /// <summary>It was saved a moment ago.</summary>
    public bool IsSaved { get; private set; }
    public string? CurrentError { get; private set; }
    public string? PasswordError { get; private set; }
    /// <summary>Why nothing was looked at, in words.</summary>
    public string? Notice { get; private set; }

    public void OnGet(string? saved) => IsSaved = saved is not null && HasPassword;

    public async Task<IActionResult> OnPostAsync(string? current, string? password)
    {
        CurrentError = HasPassword ? Unusable(current) : null;
        PasswordError = rules.Refuse(password, PhoneNumber.Parse(Phone));
        if (CurrentError is not null || PasswordError is not null) return Invalid();
        var answer = await SaveAsync(current, password!);
        if (answer is PasswordAnswer.Right(var key))
        {
            await SessionCookie.SignInAsync(HttpContext, key);
            return HttpContext.SeeOther("/account/password?saved=1");
        }
        Notice = answer.Refuse(Response);
        return Notice is null ? WrongOne() : Page();
    }

    private Task<PasswordAnswer> SaveAsync(string? current, string password)
    {
        var attempt = PasswordAttempt.Of(HttpContext, me);
        return HasPassword
            ? passwords.ChangeAsync(me.User, current!, password, attempt, HttpContext.RequestAborted)
            : passwords.SetAsync(me.User, password, attempt, HttpContext.RequestAborted);
    }

    private static string? Unusable(string? current) =>
        string.IsNullOrEmpty(current) ? "Type your current password." : PasswordRules.IsTooLong(current) ? NotTheCurrentOne : null;

    private PageResult WrongOne()
    {
        if (HasPassword) CurrentError = NotTheCurrentOne;
        else Notice = "Your password was set elsewhere a moment ago. Load this page again.";
        return Invalid();
    }

    private PageResult Invalid()
    {
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Page();
    }
}
