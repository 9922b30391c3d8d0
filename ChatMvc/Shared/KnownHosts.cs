using System.Net;
using Microsoft.AspNetCore.Diagnostics;

namespace ChatMvc.Shared;

/// <summary>
/// Outside Development the server answers to the name in <c>PublicUrl</c> alone, and to whoever is on the machine itself:
/// a made-up <c>Host</c> reaches no page, no link and no cache.
/// </summary>
public static class KnownHosts
{
    // Monitors and proxies ask for these by address.
    private static readonly PathString[] ForAll = ["/healthz", "/readyz", "/metrics"];

    public static void UseKnownHosts(this WebApplication app)
    {
        if (app.Environment.IsDevelopment() || app.Services.GetRequiredService<ServerSettings>().PublicUrl is not { } url) return;
        app.Use((http, next) =>
        {
            if (IsFor(http, url)) return next(http);
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        });
    }

    private static bool IsFor(HttpContext http, Uri url)
    {
        var (host, path) = (http.Request.Host.Host, http.Request.Path);
        return host.Equals(url.IdnHost, StringComparison.OrdinalIgnoreCase) || host.Equals(url.Host, StringComparison.OrdinalIgnoreCase)
            || IsThisMachine(host) || Array.Exists(ForAll, known => path == known)
            || http.Features.Get<IStatusCodeReExecuteFeature>() is not null;
    }

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address);
}
