using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace ChatMvc.Operators.Access;

/// <summary>
/// Stands before every page below <c>/ops</c>: 404 to everybody who is no operator, and to operators who signed in or
/// confirmed who they are more than twelve hours ago the page that asks for it.
/// </summary>
public sealed class OperatorsOnly(ChatDb db, CurrentUser me, OperatorNumbers operators, TimeProvider time) : IAsyncAuthorizationFilter, IOrderedFilter
{
    public static readonly TimeSpan ConfirmationLasts = TimeSpan.FromHours(12);
    private const string ConfirmPage = "/ops/confirm";

    /// <summary>Before the form's token is looked at: to strangers there is no form.</summary>
    public int Order => -1_000;

    public async Task OnAuthorizationAsync(AuthorizationFilterContext context)
    {
        if (!me.IsSignedIn || !await operators.IncludeAsync(db, me.User.Phone, context.HttpContext.RequestAborted))
            context.Result = new NotFoundResult();
        else if (time.GetUtcNow() - me.ConfirmedAt >= ConfirmationLasts && context.HttpContext.Request.Path != ConfirmPage)
            context.Result = context.HttpContext.SeeOther($"{ConfirmPage}?returnUrl={Uri.EscapeDataString(ReturnUrl.Of(context.HttpContext.Request))}");
    }
}
