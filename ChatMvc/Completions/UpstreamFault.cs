using System.ClientModel;
using System.Text.Json;

namespace ChatMvc.Completions;

/// <summary>An upstream's fault, read by status and error type; its words are used for nothing.</summary>
/// <param name="Failure">The reason to store.</param>
/// <param name="MayPass">Whether asking once more can help, as long as nothing had been answered yet.</param>
public readonly record struct UpstreamFault(AnswerFailure Failure, bool MayPass)
{
    /// <summary>Names what an enumeration of the stream threw.</summary>
    public static UpstreamFault Of(Exception exception, bool hadText) => exception switch
    {
        ClientResultException { Status: > 0 } e => OfStatus(e.Status, ErrorOf(e)),
        _ when hadText => new(AnswerFailure.BrokenOff, false),
        HttpRequestException or ClientResultException => new(AnswerFailure.Unreachable, true),
        IOException => new(AnswerFailure.BrokenOff, true),
        // What the SDK throws at events that are no chunks (a bare null among them), and our own bound on what is read.
        JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException
            or NullReferenceException or InvalidDataException => new(AnswerFailure.BrokenOff, false),
        _ => new(AnswerFailure.Internal, false),
    };

    private static UpstreamFault OfStatus(int status, (string? Type, string? Code) error) => status switch
    {
        401 or 403 => new(AnswerFailure.KeyRefused, false),
        // The same status says "wait" and "pay": the type alone tells them apart.
        429 when error.Type == "insufficient_quota" || error.Code == "insufficient_quota" => new(AnswerFailure.QuotaUsed, false),
        429 => new(AnswerFailure.Busy, true),
        404 => new(AnswerFailure.ModelMissing, false),
        413 => new(AnswerFailure.PromptTooLong, false),
        400 when error.Code == "context_length_exceeded" => new(AnswerFailure.PromptTooLong, false),
        400 when error.Code is "content_filter" or "content_policy_violation" => new(AnswerFailure.Refused, false),
        500 or 502 or 503 or 504 or 408 => new(AnswerFailure.UpstreamError, true),
        > 500 => new(AnswerFailure.UpstreamError, false),
        _ => new(AnswerFailure.RequestRefused, false),
    };

    private static (string? Type, string? Code) ErrorOf(ClientResultException exception)
    {
        try
        {
            if (exception.GetRawResponse() is not { } response) return default;
            using var json = JsonDocument.Parse(response.Content);
            var error = json.RootElement.GetProperty("error");
            return (StringOf(error, "type"), StringOf(error, "code"));
        }
        // No JSON, or none of the vendor's shape: the status says enough.
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return default;
        }
    }

    private static string? StringOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
