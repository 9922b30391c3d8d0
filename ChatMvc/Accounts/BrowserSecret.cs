using ChatMvc.Shared;

namespace ChatMvc.Accounts;

/// <summary>
/// A cookie that tells one browser from another before anybody is signed in. It keys the codes that are asked for
/// here, so they are good nowhere else.
/// </summary>
public static class BrowserSecret
{
    public const string Cookie = "browser";
    private const int Length = 32;
    /// <summary>The longest that browsers keep a cookie.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(400);

    /// <summary>This browser's secret, made and sent along when it has none.</summary>
    public static string Of(HttpContext context) =>
        context.Request.Cookies[Cookie] is { Length: Length } secret && secret.All(IsOurs) ? secret : Give(context);

    private static string Give(HttpContext context)
    {
        var secret = RandomKey.OfLength(Length);
        context.Response.Cookies.Append(Cookie, secret, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = context.Request.IsHttps,
            Path = "/",
            MaxAge = Lifetime,
        });
        return secret;
    }

    private static bool IsOurs(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
}
