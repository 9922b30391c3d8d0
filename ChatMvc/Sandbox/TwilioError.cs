using System.Text.Json;

namespace ChatMvc.Sandbox;

/// <summary>An error as Twilio words it: <c>{"code","message","more_info","status"}</c>.</summary>
internal sealed record TwilioError(int Status, int Code, string Message)
{
    private int? RetryAfterSeconds { get; init; }

    public static readonly TwilioError NotSignedIn = new(401, 20003, "Authenticate");
    public static readonly TwilioError TooLarge = new(413, 20413, $"The request body is larger than the {SandboxBody.MaxBytes} bytes that the sandbox takes.");
    public static readonly TwilioError NoTo = Bad(21604, "A 'To' phone number is required.");
    public static readonly TwilioError NoFrom = Bad(21603, "A 'From' phone number is required.");
    public static readonly TwilioError NoBody = Bad(21602, "Message body is required.");
    public static readonly TwilioError TooLong = Bad(21617, "The concatenated message body exceeds the 1600 character limit.");

    public static TwilioError InvalidTo(string to) => Bad(21211, $"Invalid 'To' Phone Number: {to}");
    public static TwilioError InvalidFrom(string from) => Bad(21212, $"Invalid 'From' Phone Number: {from}");

    public static TwilioError InvalidCallback(string address) => Bad(21609, $"The 'StatusCallback' URL {address} is not a valid URL.");

    public static TwilioError NotFound(string path) => new(404, 20404, $"The requested resource {path} was not found");

    /// <summary>
    /// What Twilio's test credentials answer for their magic numbers, or null for a number that works
    /// (https://www.twilio.com/docs/iam/test-credentials).
    /// </summary>
    public static TwilioError? OfMagicNumber(string to, string? from) => (to, from) switch
    {
        ("+15005550001", _) => InvalidTo(to),
        (_, "+15005550001") => InvalidFrom(from),
        ("+15005550002", _) => Bad(21612, $"Message cannot be sent with the current combination of 'To' ({to}) and/or 'From' ({from}) parameters"),
        ("+15005550003", _) => Bad(21408, $"Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}"),
        ("+15005550004", _) => Bad(21610, "Attempt to send to unsubscribed recipient"),
        ("+15005550009", _) => Bad(21614, $"'To' number is not a valid mobile number: {to}"),
        (_, "+15005550007") => Bad(21606, $"The 'From' phone number provided ({from}) is not a valid message-capable Twilio phone number for this destination."),
        (_, "+15005550008") => Bad(21611, "This 'From' number has exceeded the maximum number of queued messages"),
        _ => null,
    };

    public static TwilioError Steered(TwilioBehaviour behaviour)
    {
        var status = behaviour.Status ?? (behaviour.Code == 20429 ? 429 : 400);
        var (code, message) = status switch
        {
            401 => (20003, "Authenticate"),
            404 => (20404, "The requested resource was not found"),
            429 => (20429, "Too Many Requests"),
            503 => (20503, "Service Unavailable"),
            >= 500 => (20500, "Internal Server Error"),
            _ => (20001, "The request was refused."),
        };
        return new(status, behaviour.Code ?? code, behaviour.Message ?? message) { RetryAfterSeconds = behaviour.RetryAfterSeconds };
    }

    public Task WriteAsync(HttpResponse response)
    {
        if (Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Basic realm=\"Twilio API\"";
        if (RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return SandboxBody.WriteJsonAsync(response, Status, Write);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("code", Code);
        json.WriteString("message", Message);
        json.WriteString("more_info", $"https://www.twilio.com/docs/errors/{Code}");
        json.WriteNumber("status", Status);
        json.WriteEndObject();
    }

    private static TwilioError Bad(int code, string message) => new(400, code, message);
}
