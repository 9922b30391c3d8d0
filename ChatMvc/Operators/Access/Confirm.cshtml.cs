using ChatMvc.Accounts;
using ChatMvc.Accounts.Manage;
using ChatMvc.Accounts.Passwords;
using ChatMvc.Data;
using ChatMvc.Operators.Audit;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.Access;

/// <summary>Asks an operator again who they are: by a code, and by the password where there is one.</summary>
public sealed class ConfirmModel(
    CodePrompts prompts, OneTimeCodes codes, AccountPasswords passwords, ChatDb db, AuditLog audit, CurrentUser me, TimeProvider time)
    : CodePage(prompts, me, CodePurpose.Operator, time)
{
    private const string Overview = "/ops";

    public string ReturnTo { get; private set; } = Overview;
    public string? PasswordError { get; private set; }
    public bool HasPassword => Person.PasswordHash is not null;

    public Task OnGetAsync(string? returnUrl)
    {
        ReturnTo = Back(returnUrl);
        return ShowAsync();
    }

    /// <summary>Without a code field: asks for one.</summary>
    public async Task<IActionResult> OnPostAsync(string? code, string? password, string? returnUrl, CancellationToken cancellation)
    {
        ReturnTo = Back(returnUrl);
        if (!Request.Form.ContainsKey("code")) return await AskAsync(cancellation);
        if (HasPassword && await WhatIsWrongWithAsync(password, cancellation) is { } refused) return refused;
        if (!TypedCode.TryRead(code, out var digits)) return await RefuseAsync(TypedCode.NotSixDigits);
        var answer = await ConfirmAsync(digits, cancellation);
        return answer is CodeAnswer.Right ? HttpContext.SeeOther(ReturnTo) : await RefuseAsync(answer);
    }

    private async Task<IActionResult> AskAsync(CancellationToken cancellation)
    {
        var request = new CodeRequest(PhoneNumber.Parse(Person.Phone), CodePurpose.Operator, BrowserSecret.Of(HttpContext), ClientAddress.Of(HttpContext), Person.Id);
        return await AskedAsync(await codes.AskForAsync(request, cancellation), "/ops/confirm?returnUrl=" + Uri.EscapeDataString(ReturnTo));
    }

    private async Task<IActionResult?> WhatIsWrongWithAsync(string? password, CancellationToken cancellation)
    {
        if (await passwords.RefusalAsync(Person, password ?? "", PasswordAttempt.Of(HttpContext, Me), cancellation) is not { } answer) return null;
        PasswordError = answer.Refuse(Response) ?? "This is not your password. Type it again.";
        if (answer is PasswordAnswer.Wrong) Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await ShowAsync();
    }

    private Task<CodeAnswer> ConfirmAsync(string digits, CancellationToken cancellation) => db.WriteAsync(async () =>
    {
        var answer = await codes.JudgeAsync(digits, CodePurpose.Operator, BrowserSecret.Of(HttpContext), Person.Id, cancellation);
        if (answer is not CodeAnswer.Right) return answer;
        (await db.Sessions.SingleAsync(s => s.Id == Me.SessionId, cancellation)).Confirm(Now);
        audit.Note(new Deed("confirm", $"person {Person.Id}"));
        return answer;
    }, cancellation);

    // Nowhere but to the operators' own pages.
    private static string Back(string? typed) => ReturnUrl.Local(typed) is var url && (url == Overview || url.StartsWith(Overview + "/", StringComparison.Ordinal)) ? url : Overview;
}
