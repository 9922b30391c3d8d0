using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Operators;

/// <summary>
/// A page below <c>/ops</c>. Whatever it does goes to the audit log; what was done is said on the page that follows, what
/// was refused on this one.
/// </summary>
public abstract class OpsPage : PageModel
{
    /// <summary>After a deed: <c>303</c> to a page that says it in words.</summary>
    /// <param name="page">Local, such as <c>/ops/users/17</c>.</param>
    /// <param name="words">Of ours, at most a sentence.</param>
    protected IActionResult Done(string page, string words)
    {
        OpsNotice.Leave(HttpContext, words);
        return HttpContext.SeeOther(page);
    }

    /// <summary>Nothing was done: this page again with the reason, <c>422</c>.</summary>
    protected void Refuse(string why)
    {
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        ViewData["Error"] = why;
    }

    public override void OnPageHandlerExecuting(Microsoft.AspNetCore.Mvc.Filters.PageHandlerExecutingContext context)
    {
        if (HttpMethods.IsGet(Request.Method)) ViewData["Done"] = OpsNotice.Take(HttpContext);
    }
}
