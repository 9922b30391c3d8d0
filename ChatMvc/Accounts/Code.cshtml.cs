using System.Text;
using ChatMvc.Sandbox;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Accounts;

/// <summary>Takes the code that was sent, in the browser that asked for it.</summary>
[AllowAnonymous]
public sealed class CodeModel(OneTimeCodes codes, SignIns signIns, SmsOutbox outbox, SandboxCode sandbox, CurrentUser me) : PageModel
{
    /// <summary>Of the field, in characters: six digits and what people put between them.</summary>
    public const int MaxInput = 20;

    public string ReturnTo { get; private set; } = ReturnUrl.Chats;
    /// <summary>E.164; asks for a new code.</summary>
    public string Phone { get; private set; } = "";
    public string MaskedPhone => PhoneNumber.Parse(Phone).Masked;
    /// <summary>What is wrong with the code, in words.</summary>
    public string? CodeError { get; private set; }
    /// <summary>Why the message may not come, in words.</summary>
    public string? Trouble { get; private set; }
    /// <summary>Today's messages are kept for numbers that have an account; said to everybody alike.</summary>
    public bool ForAccountsOnly { get; private set; }
    /// <summary>The code itself, where the text message went to the sandbox.</summary>
    public string? SandboxDigits { get; private set; }

    public async Task<IActionResult> OnGetAsync(string? returnUrl)
    {
        ReturnTo = ReturnUrl.Local(returnUrl);
        return await ShowAsync();
    }

    public async Task<IActionResult> OnPostAsync(string? code, string? returnUrl)
    {
        ReturnTo = ReturnUrl.Local(returnUrl);
        if (!TryReadDigits(code, out var digits)) return await RefuseAsync("The code has six digits.");
        var device = DeviceName.Of(Request.Headers.UserAgent);
        long? replaced = me.IsSignedIn ? me.SessionId : null;
        switch (await signIns.RedeemAsync(digits, BrowserSecret.Of(HttpContext), device, replaced, HttpContext.RequestAborted))
        {
            case SignInAnswer.SignedIn(var key):
                await SessionCookie.SignInAsync(HttpContext, key);
                return HttpContext.SeeOther(ReturnTo);
            case SignInAnswer.Wrong(var tries):
                return await RefuseAsync($"That is not the code. {(tries == 1 ? "One try is" : $"{tries} tries are")} left.");
            case SignInAnswer.Locked(var wait):
                var page = await RefuseAsync($"That was wrong too often. You can ask for a new code {Waiting.InWords(wait)}.");
                Response.TooManyRequests(wait);
                return page;
            default:
                return await RefuseAsync("That code is no longer good. Please ask for a new one.");
        }
    }

    private Task<IActionResult> RefuseAsync(string why)
    {
        CodeError = why;
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return ShowAsync();
    }

    private async Task<IActionResult> ShowAsync()
    {
        var cancellation = HttpContext.RequestAborted;
        if (await codes.NewestOfAsync(BrowserSecret.Of(HttpContext), CodePurpose.SignIn, cancellation) is not { } code)
            return HttpContext.SeeOther("/signin?returnUrl=" + Uri.EscapeDataString(ReturnTo));
        Phone = code.Phone;
        Trouble = SmsTrouble.InWords(await codes.MessageOfAsync(code, cancellation));
        ForAccountsOnly = await outbox.IsForAccountsOnlyAsync(cancellation);
        if (code.RedeemedAt is null) SandboxDigits = await sandbox.FindAsync(HttpContext, code.Phone, code.CreatedAt);
        return Page();
    }

    // Spaces, dashes and full-width digits are typing habits, not mistakes.
    private static bool TryReadDigits(string? typed, out string digits)
    {
        digits = "";
        if (typed is not { Length: > 0 and <= MaxInput }) return false;
        var read = new StringBuilder(OneTimeCode.Digits);
        foreach (var c in typed)
        {
            if (char.IsAsciiDigit(c)) read.Append(c);
            else if (c is >= '\uff10' and <= '\uff19') read.Append((char)(c - '\uff10' + '0'));
            else if (!char.IsWhiteSpace(c) && !char.IsPunctuation(c) && c is not '\u2212' and not '\u200b') return false;
        }
        digits = read.ToString();
        return digits.Length == OneTimeCode.Digits;
    }
}
