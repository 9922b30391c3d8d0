using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Filters;

namespace ChatMvc.Chats.Attachments;

/// <summary>Lets messages be as large as their files, before the form is read to find its token. All other posts stay small.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TakesFilesAttribute(string handler = "") : Attribute, IAuthorizationFilter, IOrderedFilter
{
    /// <summary>Before the antiforgery's, which reads the form.</summary>
    private const int BeforeAntiforgery = 900;

    public string Handler { get; } = handler;

    public int Order => BeforeAntiforgery;

    public void OnAuthorization(AuthorizationFilterContext context)
    {
        var asked = context.RouteData.Values["handler"] as string ?? "";
        if (string.Equals(asked, Handler, StringComparison.OrdinalIgnoreCase)) Allow(context.HttpContext.Request);
    }

    public static void Allow(HttpRequest request)
    {
        var limit = request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (limit is { IsReadOnly: false } && HttpMethods.IsPost(request.Method) && IsMultipart(request)) limit.MaxRequestBodySize = FileLimits.RequestBytes;
    }

    private static bool IsMultipart(HttpRequest request) =>
        request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;
}
