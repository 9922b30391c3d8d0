using System.Security.Cryptography;
using System.Text;

namespace ChatMvc.Sandbox;

/// <summary>
/// Tells the app how far its messages came, as Twilio does: signed form posts to the address given with the message.
/// Addresses beyond this machine are left alone: nothing leaves the sandbox.
/// </summary>
internal sealed class TwilioReporting(IHostApplicationLifetime lifetime) : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);
    private const int UsualDelayMs = 1_000;
    private const int NotDelivered = 30008;

    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false }) { Timeout = AnswerLimit };

    /// <summary>Begins to report on a message, without waiting for it.</summary>
    /// <param name="message">Whose state moves along.</param>
    /// <param name="address">Where to; null for nowhere, and then the state moves at once.</param>
    /// <param name="token">The account's; it signs.</param>
    /// <param name="behaviour">What is reported, and how.</param>
    /// <param name="reported">Called after each report.</param>
    public void Begin(SandboxMessage message, Uri? address, string token, TwilioBehaviour behaviour, Action reported)
    {
        var reports = Plan(behaviour);
        if (address is { IsLoopback: true }) _ = Task.Run(() => RunAsync(message, address, token, behaviour, reports, reported));
        else foreach (var (status, code) in reports) message.Becomes(status, code);
    }

    public void Dispose() => http.Dispose();

    private static List<(string Status, int? Code)> Plan(TwilioBehaviour behaviour) => behaviour.Report switch
    {
        TwilioReport.None => [],
        TwilioReport.Undelivered => [("sent", null), ("undelivered", behaviour.ReportCode ?? NotDelivered)],
        _ => [("sent", null), ("delivered", null)],
    };

    private async Task RunAsync(
        SandboxMessage message, Uri address, string token, TwilioBehaviour behaviour, List<(string Status, int? Code)> reports, Action reported)
    {
        if (behaviour.ReportBackwards) reports.Reverse();
        try
        {
            foreach (var (status, code) in reports.SelectMany(report => Enumerable.Repeat(report, behaviour.ReportCopies ?? 1)))
            {
                await Task.Delay(behaviour.ReportDelayMs ?? UsualDelayMs, lifetime.ApplicationStopping);
                message.Becomes(status, code);
                var signed = behaviour.ReportForged ? RandomNumberGenerator.GetHexString(32) : token;
                message.Add(new SandboxReport(status, code, await PostAsync(address, FieldsOf(message, status, code), signed)));
                reported();
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The server stops, and with it all that was kept here.
        }
    }

    private static SortedDictionary<string, string> FieldsOf(SandboxMessage message, string status, int? code)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["AccountSid"] = message.AccountSid,
            ["ApiVersion"] = "2010-04-01",
            ["MessageSid"] = message.Sid,
            ["MessageStatus"] = status,
            ["SmsSid"] = message.Sid,
            ["SmsStatus"] = status,
            ["To"] = message.To,
        };
        if (message.From is { } from) fields["From"] = from;
        if (message.MessagingServiceSid is { } service) fields["MessagingServiceSid"] = service;
        if (code is { } error) fields["ErrorCode"] = $"{error}";
        return fields;
    }

    /// <returns>The HTTP status of the answer; null when none came.</returns>
    private async Task<int?> PostAsync(Uri address, SortedDictionary<string, string> fields, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Add("X-Twilio-Signature", Sign(address, fields, token));
        try
        {
            using var response = await http.SendAsync(request, lifetime.ApplicationStopping);
            return (int)response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return null;
        }
    }

#pragma warning disable CA5350 // Twilio signs with SHA-1, which is sound as an HMAC.
    private static string Sign(Uri address, SortedDictionary<string, string> fields, string token) => Convert.ToBase64String(
        HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(address.AbsoluteUri + string.Concat(fields.Select(field => field.Key + field.Value)))));
#pragma warning restore CA5350
}
