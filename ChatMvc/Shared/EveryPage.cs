using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace ChatMvc.Shared;

/// <summary>
/// What holds for each page: its answer differs between htmx and plain browsers, and a method or a form it does not know
/// is refused. Without this the framework renders the page all the same, without ever having filled it.
/// </summary>
public sealed class EveryPage : IPageFilter
{
    public void OnPageHandlerSelected(PageHandlerSelectedContext context) => context.HttpContext.Response.VariesByHtmx();

    public void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (context.HandlerMethod is null && context.HandlerInstance is not ErrorModel)
            context.Result = new StatusCodeResult(StatusCodes.Status405MethodNotAllowed);
    }

    public void OnPageHandlerExecuted(PageHandlerExecutedContext context) { }
}
