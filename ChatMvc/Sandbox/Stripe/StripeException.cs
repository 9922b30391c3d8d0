using System.Globalization;
using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>An answer that is an error, as Stripe words it: <c>{"error":{"type","code","message","param"}}</c>.</summary>
public sealed class StripeException(int status, string type, string message, string? code = null, string? param = null) : Exception(message)
{
    public const string InvalidRequest = "invalid_request_error";

    public int Status { get; } = status;
    public int? RetryAfterSeconds { get; init; }

    public static StripeException Invalid(string message, string? param = null, string? code = null) => new(400, InvalidRequest, message, code, param);

    public static StripeException NoKey() => new(401, InvalidRequest, "You did not provide an API key. Send it as a Bearer token, or as the user of Basic authentication.");

    public static StripeException WrongKey(string key) => new(401, InvalidRequest, $"Invalid API Key provided: {key[..Math.Min(8, key.Length)]}***");

    public static StripeException NoSuchUrl(string method, string path) => new(404, InvalidRequest, $"Unrecognized request URL ({method}: {path}).");

    /// <summary>Of the address (404), or of a parameter (400).</summary>
    public static StripeException NoSuch(string kind, string id, string param, bool inAddress) =>
        new(inAddress ? 404 : 400, InvalidRequest, $"No such {kind.Replace('.', '_')}: '{id}'", "resource_missing", param);

    public static StripeException Steered(StripeBehaviour behaviour)
    {
        var status = behaviour.Status ?? 500;
        var (type, code, message) = status switch
        {
            401 => (InvalidRequest, null, "Invalid API Key provided."),
            402 => ("card_error", "card_declined", "Your card was declined."),
            409 => (InvalidRequest, "lock_timeout", "This object cannot be accessed right now because another request is using it."),
            429 => (InvalidRequest, "rate_limit", "Too many requests hit the API too quickly."),
            >= 500 => ("api_error", null, "An error occurred on the vendor’s side."),
            _ => (InvalidRequest, (string?)null, "The request was refused."),
        };
        return new(status, behaviour.Type ?? type, behaviour.Message ?? message, behaviour.Code ?? code) { RetryAfterSeconds = behaviour.RetryAfterSeconds };
    }

    public JsonObject Body()
    {
        var error = new JsonObject { ["type"] = type };
        if (code is not null) error["code"] = code;
        error["message"] = Message;
        if (param is not null) error["param"] = param;
        return new JsonObject { ["error"] = error };
    }

    public void WriteHeaders(HttpResponse response)
    {
        if (Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Basic realm=\"Stripe\"";
        if (RetryAfterSeconds is { } seconds) response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
    }
}
