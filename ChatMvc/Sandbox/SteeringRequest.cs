using System.Text.Json;

namespace ChatMvc.Sandbox;

/// <summary>Requests by which tests steer a vendor: 204, or 400 and 413 with <c>{"error":"…"}</c> in plain words.</summary>
internal static class SteeringRequest
{
    public static async Task SetAsync<T>(HttpContext http, Action<T> set) where T : class, ISteered<T>
    {
        if (await SandboxBody.ReadAsync(http.Request) is not { } body)
        {
            await ComplainAsync(http, StatusCodes.Status413PayloadTooLarge, $"a steering request has at most {SandboxBody.MaxBytes} bytes");
            return;
        }
        var (given, complaint) = Read<T>(body);
        if (given is null || complaint is not null)
        {
            await ComplainAsync(http, StatusCodes.Status400BadRequest, complaint ?? "a JSON object is needed");
            return;
        }
        await EmptyAsync(http, () => set(given));
    }

    public static Task EmptyAsync(HttpContext http, Action act)
    {
        act();
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static (T? Given, string? Complaint) Read<T>(byte[] body) where T : class, ISteered<T>
    {
        try
        {
            var given = JsonSerializer.Deserialize<T>(body, SandboxJson.Options);
            return (given, given?.Complaint());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, e.Message);
        }
    }

    private static Task ComplainAsync(HttpContext http, int status, string complaint) =>
        SandboxBody.WriteJsonAsync(http.Response, status, json =>
        {
            json.WriteStartObject();
            json.WriteString("error", complaint);
            json.WriteEndObject();
        });
}
