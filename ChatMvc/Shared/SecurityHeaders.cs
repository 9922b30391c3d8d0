namespace ChatMvc.Shared;

/// <summary>The headers of every answer. Scripts, styles and images come from here alone; nothing is inline.</summary>
public static class SecurityHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "frame-src 'self'; " + Forms + "; base-uri 'none'; object-src 'none'; manifest-src 'self'; frame-ancestors ";
    private const string Forms = "form-action 'self'";
    private const string Alone = Policy + "'none'";
    private const string InOurOwnFrame = Policy + "'self'";
    private const string Powerless = "default-src 'none'; sandbox; frame-ancestors 'none'";
    private const string OneYear = "max-age=31536000";

    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        // At the last moment: a page that fails has its headers cleared before the error is shown.
        context.Response.OnStarting(Set, context);
        await next(context);
    });

    /// <summary>Lets our own room show this page in its frame.</summary>
    public static void AllowOurOwnFrame(this HttpResponse response) => response.HttpContext.Items[typeof(SecurityHeaders)] = InOurOwnFrame;

    /// <summary>Takes every right from what is sent: a file of somebody's, wherever it is opened.</summary>
    public static void AllowNothing(this HttpResponse response) => response.HttpContext.Items[typeof(SecurityHeaders)] = Powerless;

    /// <summary>Lets the forms of this page lead on to these origins: browsers ask the policy again where a form is redirected.</summary>
    public static void AllowFormsTo(this HttpResponse response, params IEnumerable<string> origins) =>
        response.HttpContext.Items[typeof(SecurityHeaders)] = Alone.Replace(Forms, string.Join(' ', [Forms, .. origins]), StringComparison.Ordinal);

    private static Task Set(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.Items[typeof(SecurityHeaders)] as string ?? Alone;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()";
        if (context.Request.IsHttps) headers.StrictTransportSecurity = OneYear;
        // Private pages stay out of caches; the fingerprinted files, which alone carry an ETag, may go there.
        if (context.User.Identity?.IsAuthenticated == true && !headers.ContainsKey("ETag")) headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}
