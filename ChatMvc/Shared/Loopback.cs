using System.Net;

namespace ChatMvc.Shared;

/// <summary>Whether a request was made on this machine itself, and by nobody through a proxy on it.</summary>
public static class Loopback
{
    // ForwardedHeaders middleware moves X-Forwarded-For to X-Original-For when it believes it, so both betray a proxy.
    private static readonly string[] ProxyMarks = ["X-Forwarded-For", "X-Original-For", "Forwarded"];

    /// <summary>
    /// True when the connection's remote address is loopback and no header says that a proxy stands between.
    /// A connection without an address (a test server in memory, a Unix socket) is not loopback.
    /// </summary>
    public static bool Is(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
        && !Array.Exists(ProxyMarks, http.Request.Headers.ContainsKey);
}
