using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Accounts.Passwords;

/// <summary>Takes a phone number and its password.</summary>
[AllowAnonymous]
public sealed class PasswordSignInModel(AccountPasswords passwords, SmsCountries countries, CurrentUser me) : PageModel
{
    /// <summary>As it was typed.</summary>
    public string Phone { get; private set; } = "";
    public string ReturnTo { get; private set; } = ReturnUrl.Chats;
    public string? PhoneError { get; private set; }
    public string? PasswordError { get; private set; }
    /// <summary>Why the password was not looked at, in words.</summary>
    public string? Notice { get; private set; }
    public string ByCode => "/signin?returnUrl=" + Uri.EscapeDataString(ReturnTo);

    public IActionResult OnGet(string? returnUrl)
    {
        ReturnTo = ReturnUrl.Local(returnUrl);
        if (me.IsSignedIn) return HttpContext.SeeOther(ReturnTo);
        BrowserSecret.Of(HttpContext);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? phone, string? password, string? returnUrl)
    {
        ReturnTo = ReturnUrl.Local(returnUrl);
        Phone = PhoneNumber.Shown(phone);
        if (!PhoneNumber.TryParse(phone, countries.DefaultCallingCode, out var number))
            PhoneError = "That is not a phone number. Type it with its country code, such as +1 212 555 0100.";
        if (string.IsNullOrEmpty(password)) PasswordError = "Type your password.";
        else if (PasswordRules.IsTooLong(password)) PasswordError = $"No password here is longer than {PasswordRules.MaxLength} characters.";
        if (PhoneError is not null || PasswordError is not null) return Invalid();
        var answer = await passwords.SignInAsync(number!.Value, password!, PasswordAttempt.Of(HttpContext, me), HttpContext.RequestAborted);
        if (answer is PasswordAnswer.Right(var key))
        {
            await SessionCookie.SignInAsync(HttpContext, key);
            return HttpContext.SeeOther(ReturnTo);
        }
        if (answer is PasswordAnswer.Suspended) return HttpContext.SeeOther(SuspendedModel.Here);
        Notice = answer.Refuse(Response);
        if (Notice is not null) return Page();
        PasswordError = "This number and this password do not go together. Try again, or sign in with a code.";
        return Invalid();
    }

    private PageResult Invalid()
    {
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Page();
    }
}
