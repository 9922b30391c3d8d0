using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace ChatMvc.Sandbox;

/// <summary>A report that was sent to the app, and the HTTP status it was answered with; null when no answer came.</summary>
public sealed record SandboxReport(string Status, int? ErrorCode, int? Answer);

/// <summary>One SMS that the sandbox's Twilio took. Phone numbers in E.164; the sender is a number, a name or a messaging service.</summary>
public sealed record SandboxMessage(
    string Sid, string AccountSid, string To, string? From, string? MessagingServiceSid, string Body, int Segments, DateTimeOffset CreatedAt)
{
    private ImmutableList<SandboxReport> reports = [];
    // As one, because reports move both on from another thread.
    private volatile Tuple<string, int?> state = new(MessagingServiceSid is null ? "queued" : "accepted", null);

    /// <summary>Twilio's word, such as <c>delivered</c>.</summary>
    public string Status => state.Item1;
    public int? ErrorCode => state.Item2;
    public IReadOnlyList<SandboxReport> Reports => reports;

    internal void Becomes(string status, int? errorCode) => state = new(status, errorCode);

    internal void Add(SandboxReport report) => ImmutableInterlocked.Update(ref reports, all => all.Add(report));

    /// <summary>Twilio's message resource, as it stands.</summary>
    internal void Write(Utf8JsonWriter json)
    {
        var (status, errorCode) = state;
        var left = status is not ("queued" or "accepted");
        var uri = $"/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}";
        json.WriteStartObject();
        json.WriteString("account_sid", AccountSid);
        json.WriteString("api_version", "2010-04-01");
        json.WriteString("body", Body);
        json.WriteString("date_created", Rfc2822(CreatedAt));
        json.WriteString("date_sent", left ? Rfc2822(CreatedAt) : null);
        json.WriteString("date_updated", Rfc2822(CreatedAt));
        json.WriteString("direction", "outbound-api");
        if (errorCode is { } code) json.WriteNumber("error_code", code);
        else json.WriteNull("error_code");
        json.WriteNull("error_message");
        json.WriteString("from", From);
        json.WriteString("messaging_service_sid", MessagingServiceSid);
        json.WriteString("num_media", "0");
        // A service cuts the text into segments only when it has chosen a sender.
        json.WriteString("num_segments", left || MessagingServiceSid is null ? $"{Segments}" : "0");
        json.WriteNull("price");
        json.WriteString("price_unit", "USD");
        json.WriteString("sid", Sid);
        json.WriteString("status", status);
        json.WriteStartObject("subresource_uris");
        json.WriteString("media", $"{uri}/Media.json");
        json.WriteEndObject();
        json.WriteString("to", To);
        json.WriteString("uri", $"{uri}.json");
        json.WriteEndObject();
    }

    private static string Rfc2822(DateTimeOffset at) =>
        at.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
}
