using System.Text;

namespace ChatMvc.Bench.Load;

/// <summary>Requests as a browser words them, but for <c>Accept-Encoding</c>: what is measured comes uncompressed.</summary>
internal static class Requests
{
    private const string Browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    private const string Page = """
        Upgrade-Insecure-Requests: 1
        Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8
        Sec-Fetch-Site: same-origin
        Sec-Fetch-Mode: navigate
        Sec-Fetch-User: ?1
        Sec-Fetch-Dest: document

        """;

    public static byte[] Get(int port, string path, string? cookies = null) => Bytes($"{Head("GET", port, path, cookies)}{Page}\n");

    public static byte[] Events(int port, string path, string cookies) =>
        Bytes($"{Head("GET", port, path, cookies)}Accept: text/event-stream\nCache-Control: no-store\nSec-Fetch-Site: same-origin\nSec-Fetch-Mode: cors\nSec-Fetch-Dest: empty\n\n");

    /// <summary>A form sent plainly, without scripts.</summary>
    public static byte[] Form(int port, string path, string cookies, params (string Name, string Value)[] fields)
    {
        var form = string.Join('&', fields.Select(f => $"{Uri.EscapeDataString(f.Name)}={Uri.EscapeDataString(f.Value)}"));
        return Bytes($"{Head("POST", port, path, cookies)}Origin: http://127.0.0.1:{port}\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {form.Length}\n{Page}\n", form);
    }

    private static string Head(string method, int port, string path, string? cookies) =>
        $"{method} {path} HTTP/1.1\nHost: 127.0.0.1:{port}\nConnection: keep-alive\nUser-Agent: {Browser}\nAccept-Language: en-US,en;q=0.9\n{(cookies is null ? "" : $"Cookie: {cookies}\n")}";

    private static byte[] Bytes(string head, string body = "") => Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n") + body);
}
