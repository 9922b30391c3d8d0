using ChatMvc.Shared;

namespace ChatMvc.Accounts;

/// <summary>Where a visitor wanted to go before signing in: a page of ours, never an address elsewhere.</summary>
public static class ReturnUrl
{
    public const string Chats = "/chats";
    /// <summary>Characters; what is longer is forgotten.</summary>
    public const int MaxLength = 2_000;
    // Nobody is sent back to where one signs in or out.
    private static readonly string[] NotBackTo = ["/signin", "/signout", "/password", "/error"];

    /// <summary>The given address when it is safe to go to, else the chat list.</summary>
    public static string Local(string? url) => url is not null && IsLocal(url) ? url : Chats;

    /// <summary>The page that a refused request belongs to: itself, or for a form the page that held it.</summary>
    public static string Of(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) && !request.IsHtmx())
            return Local(request.Path.ToUriComponent() + request.QueryString.ToUriComponent());
        var page = request.Headers["HX-Current-URL"].FirstOrDefault() ?? request.Headers.Referer.FirstOrDefault();
        return Uri.TryCreate(page, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value
            ? Local(uri.PathAndQuery)
            : Chats;
    }

    private static bool IsLocal(string url)
    {
        if (url.Length is 0 or > MaxLength || url[0] != '/' || !url.All(c => c is > ' ' and < '\u007f')) return false;
        var path = url.AsSpan(0, url.IndexOfAny(['?', '#']) is var end and >= 0 ? end : url.Length);
        // Browsers read // and /\ as the beginning of another host; encoded or with dots between, some proxies do.
        var decoded = Uri.UnescapeDataString(Uri.UnescapeDataString(path.ToString()));
        return !decoded.Contains("//") && !decoded.Contains('\\') && !decoded.Any(char.IsControl)
            && !decoded.Split('/').Any(segment => segment is "." or "..")
            && !Array.Exists(NotBackTo, page => decoded == page || decoded.StartsWith(page + "/", StringComparison.Ordinal));
    }
}
