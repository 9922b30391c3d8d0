using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ChatMvc.Accounts;

namespace ChatMvc.Sms;

/// <summary>
/// Twilio's Messages API (2010-04-01), the one call that is needed, in Twilio's words:
/// https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource.
/// Nothing is tried twice: the API has no idempotency key, so after a lost answer nobody knows whether the text left.
/// </summary>
/// <param name="http">With Twilio's address, or the sandbox's, a time-out, no redirects and no retries.</param>
/// <param name="account">The credentials and the sender.</param>
public sealed class TwilioClient(HttpClient http, TwilioAccount account) : ISmsCarrier
{
    /// <summary>Until Twilio has answered in full.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    /// <summary>Bytes of an answer; a message resource has about 1,000.</summary>
    public const int MaxAnswer = 64 * 1024;
    /// <summary>Seconds after which Twilio drops what it could not deliver: the longest life of a code.</summary>
    private const string ValidityPeriod = "600";

    public async Task<SmsOutcome> SendAsync(PhoneNumber to, string text)
    {
        using var request = CreateMessage(to, text);
        try
        {
            using var response = await http.SendAsync(request);
            return await ReadAsync(response);
        }
        // The connection was never made, so the request was not sent.
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.NameResolutionError
            or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError)
        {
            return new SmsOutcome.Refused(null);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return new SmsOutcome.Uncertain();
        }
    }

    private HttpRequestMessage CreateMessage(PhoneNumber to, string text)
    {
        var form = new Dictionary<string, string>
        {
            ["To"] = to.ToString(),
            ["Body"] = text,
            ["ValidityPeriod"] = ValidityPeriod,
        };
        if (account.MessagingServiceSid is { } service) form["MessagingServiceSid"] = service;
        if (account.From is { } from) form["From"] = from;
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account.AccountSid}:{account.AuthToken}"));
        return new HttpRequestMessage(HttpMethod.Post, $"2010-04-01/Accounts/{account.AccountSid}/Messages.json")
        {
            Content = new FormUrlEncodedContent(form),
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", credentials) },
        };
    }

    private static async Task<SmsOutcome> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync();
        // A 201 without a message in it, or a failure of theirs, may still have sent the text.
        if (response.IsSuccessStatusCode)
            return Parse<Message>(body)?.Sid is { } sid ? new SmsOutcome.Taken(sid) : new SmsOutcome.Uncertain();
        return (int)response.StatusCode >= 500 || response.StatusCode == HttpStatusCode.RequestTimeout
            ? new SmsOutcome.Uncertain()
            : new SmsOutcome.Refused(Parse<Error>(body)?.Code);
    }

    private static T? Parse<T>(byte[] json) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Message([property: JsonPropertyName("sid")] string? Sid);

    private sealed record Error([property: JsonPropertyName("code")] int? Code);
}

/// <summary>Whose name a message is sent in. Either a sender or a messaging service is given.</summary>
public sealed record TwilioAccount(string AccountSid, string AuthToken, string? From, string? MessagingServiceSid);
