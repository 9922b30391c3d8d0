using Microsoft.AspNetCore.DataProtection;

namespace ChatMvc.Operators;

/// <summary>What was just done, in a cookie from one page to the next: encrypted, so that nobody else writes on the page.</summary>
internal static class OpsNotice
{
    private const string Cookie = "ops-done";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    public static void Leave(HttpContext http, string words) => http.Response.Cookies.Append(Cookie, Protector(http).Protect(words, Lifetime), Options(http));

    public static string? Take(HttpContext http)
    {
        if (http.Request.Cookies[Cookie] is not { } sealedWords) return null;
        http.Response.Cookies.Delete(Cookie, Options(http));
        try
        {
            return Protector(http).Unprotect(sealedWords);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            // Too old, or not ours.
            return null;
        }
    }

    private static ITimeLimitedDataProtector Protector(HttpContext http) =>
        http.RequestServices.GetRequiredService<IDataProtectionProvider>().CreateProtector("ops notice").ToTimeLimitedDataProtector();

    private static CookieOptions Options(HttpContext http) => new() { Path = "/ops", HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, MaxAge = Lifetime };
}
