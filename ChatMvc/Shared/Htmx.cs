using Microsoft.AspNetCore.Mvc;

namespace ChatMvc.Shared;

/// <summary>What htmx says of a request and hears in an answer.</summary>
public static class Htmx
{
    public static bool IsHtmx(this HttpRequest request) => request.Headers["HX-Request"] == "true";

    /// <summary>Marks an answer that differs between htmx and plain browsers.</summary>
    public static void VariesByHtmx(this HttpResponse response) => response.Headers.Vary = "HX-Request";

    /// <summary>Sends the browser to another page: by header for htmx, as <c>303</c> otherwise.</summary>
    public static IActionResult SeeOther(this HttpContext context, string localUrl)
    {
        context.Response.VariesByHtmx();
        if (!context.Request.IsHtmx()) return new SeeOtherResult(localUrl);
        context.Response.Headers["HX-Redirect"] = localUrl;
        return new StatusCodeResult(StatusCodes.Status200OK);
    }

    /// <summary>An error as htmx gets it: one notice, never a page inside a page.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="words">Our own; they are not encoded.</param>
    public static ContentResult ErrorNotice(int status, string words) => new()
    {
        StatusCode = status,
        ContentType = "text/html; charset=utf-8",
        Content = $"""<p class="notice" data-notice="error" role="alert">{words}</p>""",
    };

    private sealed class SeeOtherResult(string localUrl) : ActionResult
    {
        public override void ExecuteResult(ActionContext context)
        {
            context.HttpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.HttpContext.Response.Headers.Location = localUrl;
        }
    }
}
