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
/// Nothing is tried twice here: the API has no idempotency key, so after a lost answer nobody knows whether the text left.
/// </summary>
/// <param name="http">With Twilio's address, or the sandbox's, a time-out, no redirects and no retries.</param>
/// <param name="account">The credentials and the sender.</param>
/// <param name="callbacks">Where Twilio is to report.</param>
public sealed class TwilioClient(HttpClient http, TwilioAccount account, StatusCallbacks callbacks) : ISmsCarrier
{
    /// <summary>Until Twilio has answered in full.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    /// <summary>Bytes of an answer; a message resource has about 1,000.</summary>
    public const int MaxAnswer = 64 * 1024;
    /// <summary>Seconds after which Twilio drops what it could not deliver: the longest life of a code.</summary>
    private const string ValidityPeriod = "600";

    public async Task<SmsOutcome> SendAsync(long id, PhoneNumber to, string text)
    {
        using var form = new WatchedForm(FormOf(id, to, text));
        using var request = CreateMessage(form);
        try
        {
            using var response = await http.SendAsync(request);
            return await ReadAsync(response);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // Refused, unknown host, no connection in time: whatever it was, Twilio has read nothing of it.
            return form.WasBegun ? new SmsOutcome.Uncertain() : new SmsOutcome.NotTaken(null, null);
        }
    }

    private Dictionary<string, string> FormOf(long id, PhoneNumber to, string text)
    {
        var form = new Dictionary<string, string>
        {
            ["To"] = to.ToString(),
            ["Body"] = text,
            ["ValidityPeriod"] = ValidityPeriod,
        };
        if (account.MessagingServiceSid is { } service) form["MessagingServiceSid"] = service;
        if (account.From is { } from) form["From"] = from;
        if (callbacks.AddressFor(id) is { } address) form["StatusCallback"] = address.AbsoluteUri;
        return form;
    }

    private HttpRequestMessage CreateMessage(HttpContent form)
    {
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{account.AccountSid}:{account.AuthToken}"));
        return new HttpRequestMessage(HttpMethod.Post, $"2010-04-01/Accounts/{account.AccountSid}/Messages.json")
        {
            Content = form,
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", credentials) },
        };
    }

    private static async Task<SmsOutcome> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync();
        // A 201 without a message in it, or a failure of theirs, may still have sent the text.
        if (response.IsSuccessStatusCode)
            return Parse<Message>(body)?.Sid is { } sid ? new SmsOutcome.Taken(sid) : new SmsOutcome.Uncertain();
        // Theirs may have failed after the text was taken: also a 503, of which nothing is promised.
        if ((int)response.StatusCode >= 500 || response.StatusCode == HttpStatusCode.RequestTimeout) return new SmsOutcome.Uncertain();
        var code = Parse<Error>(body)?.Code;
        return code == TwilioCode.TooManyRequests ? new SmsOutcome.NotTaken(code, RetryAfter(response)) : new SmsOutcome.Refused(code);
    }

    // A date is Twilio's clock, so it is measured from Twilio's own.
    private static TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } retry ? retry.Delta ?? retry.Date - response.Headers.Date : null;

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

    /// <summary>Knows whether any of it was handed to a connection.</summary>
    private sealed class WatchedForm(Dictionary<string, string> form) : FormUrlEncodedContent(form)
    {
        public bool WasBegun { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            WasBegun = true;
            return base.SerializeToStreamAsync(stream, context, cancellationToken);
        }
    }

    private sealed record Message([property: JsonPropertyName("sid")] string? Sid);

    private sealed record Error([property: JsonPropertyName("code")] int? Code);
}

/// <summary>Whose name a message is sent in. Either a sender or a messaging service is given.</summary>
public sealed record TwilioAccount(string AccountSid, string AuthToken, string? From, string? MessagingServiceSid);
