using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace ChatMvc.Accounts.Manage;

/// <summary>Says what goes and what stays, sends a code, and deletes the account of whoever types it.</summary>
public sealed class DeleteModel(
    CodePrompts prompts, OneTimeCodes codes, Deletion deletion, Plans plans, CreditLedger ledger, ChatDb db, CurrentUser me, TimeProvider time)
    : CodePage(prompts, me, CodePurpose.DeleteAccount, time)
{
    public PlanState Plan { get; private set; } = null!;
    public Usd Credit { get; private set; }

    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        Plan = await plans.OfAsync(db, Person, HttpContext.RequestAborted);
        Credit = await ledger.BalanceAsync(db, Person.Id);
        await next();
    }

    public Task OnGetAsync() => ShowAsync();

    /// <summary>Without a code field: asks for one.</summary>
    public async Task<IActionResult> OnPostAsync(string? code, CancellationToken cancellation)
    {
        if (!Request.Form.ContainsKey("code")) return await AskAsync(cancellation);
        if (!TypedCode.TryRead(code, out var digits)) return await RefuseAsync(TypedCode.NotSixDigits);
        var answer = await deletion.DeleteAsync(digits, BrowserSecret.Of(HttpContext), cancellation);
        if (answer is not CodeAnswer.Right) return await RefuseAsync(answer);
        await SessionCookie.SignOutAsync(HttpContext);
        return HttpContext.SeeOther("/?notice=deleted");
    }

    private async Task<IActionResult> AskAsync(CancellationToken cancellation)
    {
        var request = new CodeRequest(PhoneNumber.Parse(Person.Phone), CodePurpose.DeleteAccount, BrowserSecret.Of(HttpContext), ClientAddress.Of(HttpContext), Person.Id);
        return await AskedAsync(await codes.AskForAsync(request, cancellation), "/account/delete");
    }
}
