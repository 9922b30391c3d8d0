namespace ChatMvc.Shared;

/// <summary>
/// The id of the request for which something is done: <c>RequestId</c> in every log line, of the page, of its jobs and of what they ask
/// upstream. People see it on error pages.
/// </summary>
public static class Reference
{
    private static readonly AsyncLocal<string?> Local = new();

    public static string? Current
    {
        get => Local.Value;
        set => Local.Value = value;
    }

    /// <summary>Every request has one: the framework's own, which its log lines carry already.</summary>
    public static void UseReference(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        Current = http.TraceIdentifier;
        return next(http);
    });
}
