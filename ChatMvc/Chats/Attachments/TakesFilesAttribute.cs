using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Filters;

namespace ChatMvc.Chats.Attachments;

/// <summary>Lets messages be as large as their files, before the form is read to find its token. All other posts stay small.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TakesFilesAttribute(string handler = "") : Attribute, IAsyncAuthorizationFilter, IOrderedFilter
{
    /// <summary>Before the antiforgery's, which reads the form.</summary>
    private const int BeforeAntiforgery = 900;

    public string Handler { get; } = handler;

    public int Order => BeforeAntiforgery;

    public async Task OnAuthorizationAsync(AuthorizationFilterContext context)
    {
        var asked = context.RouteData.Values["handler"] as string ?? "";
        if (string.Equals(asked, Handler, StringComparison.OrdinalIgnoreCase)) await AllowAsync(context.HttpContext.Request);
    }

    public static void Allow(HttpRequest request) => Allow(request, FileLimits.RequestBytes);

    /// <summary>Of a request that is larger still its text is read here, and its files are lost.</summary>
    /// <exception cref="BadHttpRequestException">It was cut off or came too slowly.</exception>
    public static async Task AllowAsync(HttpRequest request)
    {
        var isTooLarge = request.ContentLength is > FileLimits.RequestBytes and <= FileLimits.ReadBytes;
        if (Allow(request, isTooLarge ? FileLimits.ReadBytes : FileLimits.RequestBytes) && isTooLarge) await LargeForm.ReadAsync(request);
    }

    private static bool Allow(HttpRequest request, long bytes)
    {
        var limit = request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (limit is not { IsReadOnly: false } || !HttpMethods.IsPost(request.Method) || !IsMultipart(request)) return false;
        limit.MaxRequestBodySize = bytes;
        return true;
    }

    private static bool IsMultipart(HttpRequest request) =>
        request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;
}
