using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Accounts;

/// <summary>Asks for a phone number and has a code sent to it.</summary>
[AllowAnonymous]
public sealed class SignInModel(OneTimeCodes codes, SmsCountries countries, CurrentUser me) : PageModel
{
    /// <summary>As it was typed.</summary>
    public string Phone { get; private set; } = "";
    public string ReturnTo { get; private set; } = ReturnUrl.Chats;
    /// <summary>What is wrong with the number, in words.</summary>
    public string? PhoneError { get; private set; }
    /// <summary>Why there is no code just now, in words.</summary>
    public string? Notice { get; private set; }
    /// <summary>An earlier code can still be typed in.</summary>
    public bool HasCode { get; private set; }
    public string ExampleNumber => $"+{countries.DefaultCallingCode} …";

    public IActionResult OnGet(string? returnUrl)
    {
        ReturnTo = ReturnUrl.Local(returnUrl);
        if (me.IsSignedIn) return HttpContext.SeeOther(ReturnTo);
        BrowserSecret.Of(HttpContext);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? phone, string? returnUrl)
    {
        ReturnTo = ReturnUrl.Local(returnUrl);
        Phone = PhoneNumber.Shown(phone);
        if (!PhoneNumber.TryParse(phone, countries.DefaultCallingCode, out var number))
            return Invalid("That is not a phone number. Type it with its country code, such as +1 212 555 0100.");
        if (!countries.Serve(number.Value))
            return Invalid("We do not send text messages to numbers of that country or kind.");
        var request = new CodeRequest(number.Value, CodePurpose.SignIn, BrowserSecret.Of(HttpContext), ClientAddress.Of(HttpContext));
        return await codes.AskForAsync(request, HttpContext.RequestAborted) switch
        {
            AskedForCode.TooSoon refused => TooMany(refused.Wait, refused.InWords, hasCode: refused.Limit == CodeLimit.Number),
            AskedForCode.DayUsedUp refused => TooMany(refused.Wait, refused.InWords),
            _ => HttpContext.SeeOther("/signin/code?returnUrl=" + Uri.EscapeDataString(ReturnTo)),
        };
    }

    private PageResult Invalid(string why)
    {
        PhoneError = why;
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Page();
    }

    private PageResult TooMany(TimeSpan wait, string? why, bool hasCode = false)
    {
        Notice = why;
        HasCode = hasCode;
        Response.TooManyRequests(wait);
        return Page();
    }
}
