using System.Globalization;
using System.Text.Json;

namespace ChatMvc.Sandbox;

/// <summary>One SMS that the sandbox's Twilio took. Phone numbers in E.164; the sender is a number, a name or a messaging service.</summary>
public sealed record SandboxMessage(
    string Sid, string AccountSid, string To, string? From, string? MessagingServiceSid, string Body, int Segments, DateTimeOffset CreatedAt)
{
    /// <summary>Twilio's message resource: as it answers a create, or later, once delivered.</summary>
    internal void Write(Utf8JsonWriter json, bool delivered)
    {
        var uri = $"/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}";
        json.WriteStartObject();
        json.WriteString("account_sid", AccountSid);
        json.WriteString("api_version", "2010-04-01");
        json.WriteString("body", Body);
        json.WriteString("date_created", Rfc2822(CreatedAt));
        json.WriteString("date_sent", delivered ? Rfc2822(CreatedAt) : null);
        json.WriteString("date_updated", Rfc2822(CreatedAt));
        json.WriteString("direction", "outbound-api");
        json.WriteNull("error_code");
        json.WriteNull("error_message");
        json.WriteString("from", From);
        json.WriteString("messaging_service_sid", MessagingServiceSid);
        json.WriteString("num_media", "0");
        // A service cuts the text into segments only when it has chosen a sender.
        json.WriteString("num_segments", delivered || MessagingServiceSid is null ? $"{Segments}" : "0");
        json.WriteNull("price");
        json.WriteString("price_unit", "USD");
        json.WriteString("sid", Sid);
        json.WriteString("status", delivered ? "delivered" : MessagingServiceSid is null ? "queued" : "accepted");
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
