using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace ChatMvc.Sandbox;

/// <summary>Reads request bodies with a bound, and writes small JSON answers.</summary>
internal static class SandboxBody
{
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Of a chat request: pictures stand in it, a third larger than they are.</summary>
    public const int MaxChatBytes = 32 * 1024 * 1024;

    /// <summary>The whole body, or null when it is larger than <paramref name="maxBytes"/>.</summary>
    public static async Task<byte[]?> ReadAsync(HttpRequest request, int maxBytes = MaxBytes)
    {
        if (request.ContentLength > maxBytes)
            return null;
        if (maxBytes > MaxBytes && request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = maxBytes;

        var body = new ArrayBufferWriter<byte>((int)(request.ContentLength ?? 4096) + 1);
        while (true)
        {
            var read = await request.Body.ReadAsync(body.GetMemory(1), request.HttpContext.RequestAborted);
            if (read == 0)
                return body.WrittenSpan.ToArray();
            body.Advance(read);
            if (body.WrittenCount > maxBytes)
                return null;
        }
    }

    /// <summary>Answers with JSON that a writer produces, in one piece and with its length.</summary>
    public static Task WriteJsonAsync(HttpResponse response, int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, SandboxJson.Writing))
            write(json);
        return WriteBytesAsync(response, status, buffer.WrittenMemory);
    }

    public static async Task WriteBytesAsync(HttpResponse response, int status, ReadOnlyMemory<byte> json)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        await response.Body.WriteAsync(json, response.HttpContext.RequestAborted);
    }
}
