using ChatMvc.Accounts.Passwords;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.AspNetCore.Mvc;

namespace ChatMvc.Accounts.Manage;

/// <summary>Asks for the new number of an account, once its owner has shown that the old one is theirs.</summary>
public sealed class NumberModel(NumberChange change, AccountPasswords passwords, OneTimeCodes codes, CodePrompts prompts, SmsCountries countries, CurrentUser me, TimeProvider time)
    : CodePage(prompts, me, CodePurpose.OldNumber, time)
{
    /// <summary>By a code to the old number.</summary>
    public bool IsProven { get; private set; }
    public bool HasPassword => Person.PasswordHash is not null;
    /// <summary>What is wrong with the password, in words.</summary>
    public string? PasswordError { get; private set; }
    /// <summary>As it was typed.</summary>
    public string Phone { get; private set; } = "";
    /// <summary>What is wrong with the number, in words.</summary>
    public string? PhoneError { get; private set; }
    public string ExampleNumber => $"+{countries.DefaultCallingCode} …";

    public async Task OnGetAsync(CancellationToken cancellation) => await ShowAsync(cancellation);

    /// <summary>Sends a code to the old number.</summary>
    public async Task<IActionResult> OnPostAskAsync(CancellationToken cancellation)
    {
        var request = new CodeRequest(PhoneNumber.Parse(Person.Phone), CodePurpose.OldNumber, BrowserSecret.Of(HttpContext), ClientAddress.Of(HttpContext), Person.Id);
        return await AskedAsync(await codes.AskForAsync(request, cancellation), "/account/number");
    }

    /// <summary>Takes it.</summary>
    public async Task<IActionResult> OnPostProofAsync(string? code, CancellationToken cancellation)
    {
        if (!TypedCode.TryRead(code, out var digits)) return await RefuseAsync(TypedCode.NotSixDigits);
        var answer = await change.ProveAsync(digits, BrowserSecret.Of(HttpContext), cancellation);
        return answer is CodeAnswer.Right ? HttpContext.SeeOther("/account/number") : await RefuseAsync(answer);
    }

    /// <summary>Sends a code to the new number. One that has an account already gets none, and looks like any other.</summary>
    public async Task<IActionResult> OnPostAsync(string? phone, string? current, CancellationToken cancellation)
    {
        Phone = PhoneNumber.Shown(phone);
        IsProven = await change.IsProvenAsync(BrowserSecret.Of(HttpContext), cancellation);
        if (!IsProven && !HasPassword) return await RefuseAsync("Show first that the present number is yours: type the code that we send to it.");
        if (!PhoneNumber.TryParse(phone, countries.DefaultCallingCode, out var number)) return await WrongAsync("That is not a phone number. Type it with its country code, such as +1 212 555 0100.");
        if (!countries.Serve(number.Value)) return await WrongAsync("We do not send text messages to numbers of that country or kind.");
        if (number.Value.ToString() == Person.Phone) return await WrongAsync("That is the number you have. Type the new one.");
        if (!IsProven && await RefusalOfAsync(current, cancellation) is { } refused) return refused;
        var request = new CodeRequest(number.Value, CodePurpose.NewNumber, BrowserSecret.Of(HttpContext), ClientAddress.Of(HttpContext), Person.Id);
        return await AskedAsync(await codes.AskForAsync(request, cancellation), "/account/number/code");
    }

    // The password, in place of a code to the old number.
    private async Task<IActionResult?> RefusalOfAsync(string? current, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(current) || PasswordRules.IsTooLong(current)) return await WrongPasswordAsync();
        if (await passwords.RefusalAsync(Person, current, PasswordAttempt.Of(HttpContext, Me), cancellation) is not { } refusal) return null;
        if (refusal.Refuse(Response) is not { } why) return await WrongPasswordAsync();
        PasswordError = why;
        return await ShowAsync();
    }

    private async Task<IActionResult> WrongPasswordAsync()
    {
        PasswordError = "That is not your password. Try again, or prove it with a code to the number you have.";
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await ShowAsync();
    }

    private async Task<IActionResult> WrongAsync(string why)
    {
        PhoneError = why;
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await ShowAsync();
    }

    private async Task ShowAsync(CancellationToken cancellation)
    {
        IsProven = await change.IsProvenAsync(BrowserSecret.Of(HttpContext), cancellation);
        await ShowAsync();
    }
}
