using ChatMvc.Chats.Attachments;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Core.Infrastructure;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace ChatMvc.Shared;

/// <summary>
/// A form whose antiforgery token is missing or no longer good is refused with <c>400</c> and shown again with a fresh
/// token and everything that was typed, so that nothing is lost and nothing is done without a second press.
/// </summary>
public sealed class KeepStaleForms : IAsyncAlwaysRunResultFilter
{
    public async Task OnResultExecutionAsync(ResultExecutingContext context, ResultExecutionDelegate next)
    {
        if (context.Result is IAntiforgeryValidationFailedResult) context.Result = await RefuseAsync(context.HttpContext, context.ModelState);
        await next();
    }

    private static async Task<IActionResult> RefuseAsync(HttpContext http, ModelStateDictionary state)
    {
        var request = http.Request;
        http.Response.VariesByHtmx();
        try
        {
            var form = await StaleForm.ReadAsync(request, request.Path + request.QueryString);
            // Its form still stands in the page with all that was typed.
            if (request.IsHtmx()) return Htmx.ErrorNotice(StatusCodes.Status400BadRequest, "This page had been open too long, so nothing was sent. Load it again, then send it once more.");
            return form.Show(StatusCodes.Status400BadRequest, state);
        }
        // No token was found because there is no form to be read: too large, too many fields, malformed.
        catch (BadHttpRequestException e)
        {
            return new StatusCodeResult(e.StatusCode);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return new StatusCodeResult(StatusCodes.Status400BadRequest);
        }
    }
}

/// <summary>A form to be sent again: where to, and what was typed.</summary>
public sealed record StaleForm(string Action, IReadOnlyList<StaleField> Fields)
{
    private const string Token = "__RequestVerificationToken";
    // What is not shown back to a screen.
    private static readonly string[] Secrets = ["password", "current", "code"];

    public string Heading { get; init; } = "Please send it again";
    public string Reason { get; init; } = "This page had been open too long, or you signed in again meanwhile, so nothing was sent. What you typed is still here.";

    /// <summary>What is not in it any more.</summary>
    public string Loss { get; init; } = "";

    /// <summary>What was sent, with no token and no secret; no fields when there is no form in it.</summary>
    /// <exception cref="BadHttpRequestException">It is too large to be read.</exception>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    public static async Task<StaleForm> ReadAsync(HttpRequest request, string action)
    {
        var form = request.HasFormContentType ? await request.ReadFormAsync() : FormCollection.Empty;
        var stale = new StaleForm(action, [.. form.Where(f => f.Key != Token && !Secrets.Contains(f.Key)).Select(f => new StaleField(f.Key, f.Value.ToString()))]);
        return form.Files.Count == 0 && !request.HasLostFiles() ? stale : stale with { Loss = "Its files were not kept: attach them again in the chat." };
    }

    public PartialViewResult Show(int status, ModelStateDictionary state) => new()
    {
        ViewName = "/Shared/_StaleForm.cshtml",
        StatusCode = status,
        ViewData = new ViewDataDictionary<StaleForm>(new EmptyModelMetadataProvider(), state) { Model = this },
    };
}

public sealed record StaleField(string Name, string Value)
{
    public bool IsText => Name is "text" or "title" or "phone" or "displayName" or "name";
}
