using ChatMvc.Accounts;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.AspNetCore.Mvc;

namespace ChatMvc.Account;

/// <summary>Asks for the new number of an account, once its owner has shown that the old one is theirs.</summary>
public sealed class NumberModel(NumberChange change, OneTimeCodes codes, CodePrompts prompts, SmsCountries countries, CurrentUser me, TimeProvider time)
    : CodePage(prompts, me, CodePurpose.OldNumber, time)
{
    public bool IsProven { get; private set; }
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
    public async Task<IActionResult> OnPostAsync(string? phone, CancellationToken cancellation)
    {
        Phone = phone is { Length: > PhoneNumber.MaxInput } ? phone[..PhoneNumber.MaxInput] : phone ?? "";
        IsProven = await change.IsProvenAsync(BrowserSecret.Of(HttpContext), cancellation);
        if (!IsProven) return await RefuseAsync("Show first that the present number is yours: type the code that we send to it.");
        if (!PhoneNumber.TryParse(phone, countries.DefaultCallingCode, out var number)) return await WrongAsync("That is not a phone number. Type it with its country code, such as +1 212 555 0100.");
        if (!countries.Serve(number.Value)) return await WrongAsync("We do not send text messages to numbers of that country.");
        if (number.Value.ToString() == Person.Phone) return await WrongAsync("That is the number you have. Type the new one.");
        var request = new CodeRequest(number.Value, CodePurpose.NewNumber, BrowserSecret.Of(HttpContext), ClientAddress.Of(HttpContext), Person.Id);
        return await AskedAsync(await codes.AskForAsync(request, cancellation), "/account/number/code");
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
