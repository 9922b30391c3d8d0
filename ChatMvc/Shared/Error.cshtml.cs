using System.Globalization;
using ChatMvc.Accounts;
using ChatMvc.Chats.Attachments;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Shared;

/// <summary>The page, or the fragment for htmx, of every refused or failed request that has none of its own.</summary>
[AllowAnonymous, IgnoreAntiforgeryToken]
public sealed class ErrorModel : PageModel
{
    public string Heading { get; private set; } = "";
    public string Advice { get; private set; } = "";
    /// <summary>By which the operator finds what failed in the log; only where something did.</summary>
    public string? Reference { get; private set; }

    /// <summary>
    /// For every method. The status stands in the address and is read from there: nothing is bound, because the body of
    /// the request that failed may be what is wrong with it.
    /// </summary>
    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var explained = Explain(int.Parse((string)RouteData.Values["status"]!, CultureInfo.InvariantCulture));
        context.Result = Response.StatusCode == StatusCodes.Status429TooManyRequests && !Request.IsHtmx() ? await WithFormAsync() ?? explained : explained;
    }

    // Refused for its haste alone, unread: what was typed is shown again.
    private async Task<ActionResult?> WithFormAsync()
    {
        if (HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is not { } failed || !Request.HasFormContentType) return null;
        try
        {
            if (User.Identity?.IsAuthenticated == true) TakesFilesAttribute.Allow(Request);
            var form = await StaleForm.ReadAsync(Request, failed.OriginalPath + failed.OriginalQueryString);
            return (form with { Heading = Heading, Reason = $"{Advice} What you typed is still here." }).Show(Response.StatusCode, ModelState);
        }
        catch (Exception e) when (e is BadHttpRequestException or InvalidDataException or IOException)
        {
            return null;
        }
    }

    private ActionResult Explain(int status)
    {
        var exception = HttpContext.Features.Get<IExceptionHandlerFeature>();
        // Asked for by hand, not by a failure.
        if (HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is null && exception is null) status = StatusCodes.Status404NotFound;
        // What a browser sent wrongly is no fault of ours: a body over the limit, a number that is none.
        if (exception?.Error is BadHttpRequestException bad) status = bad.StatusCode;
        (Heading, Advice) = status switch
        {
            404 => ("There is no such page", "It may have been deleted, or the address may be mistyped."),
            400 => ("That request was incomplete", "Go back, load the page again and repeat what you did."),
            405 => ("That cannot be done here", "Go back and use the buttons of the page."),
            413 => ("That was too large", "Send less at once: a message has at most 32,000 characters, and its files 20 MB together."),
            429 => ("That was too much at once", $"You can try again {Waiting.InWords(RetryAfter)}."),
            503 => ("The server is busy", "Nothing was lost. Try again in a moment."),
            >= 500 => ("Something failed on our side", "Nothing that was confirmed is lost. Try again in a moment."),
            _ => ("That did not work", "Go back and try again."),
        };
        Response.StatusCode = status;
        Response.VariesByHtmx();
        if (status >= 500) Reference = HttpContext.TraceIdentifier;
        return Request.IsHtmx() ? Htmx.ErrorNotice(status, $"{Heading}. {Advice}{(Reference is null ? "" : $" Reference: {Reference}")}") : Page();
    }

    private TimeSpan RetryAfter =>
        int.TryParse(Response.Headers.RetryAfter, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
}
