using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ChatMvc.Billing;
using ChatMvc.Billing.Stripe;
using ChatMvc.Completions;
using ChatMvc.Shared;
using ChatMvc.Sms;

namespace ChatMvc.Operators.Examination;

/// <summary>The vendors' keys, each by one call that reads, the clock by what they say, and whether they reach us.</summary>
internal sealed class VendorCheck(IConfiguration configuration, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);
    private const int MaxAnswer = 8 * 1024 * 1024;
    /// <summary>Stripe refuses a signature of five minutes.</summary>
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(1);

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = ConnectPatience, UseCookies = false })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = MaxAnswer,
    };

    public async IAsyncEnumerable<Finding> RunAsync()
    {
        await foreach (var finding in OpenAIAsync()) yield return finding;
        yield return await TwilioAsync();
        yield return await StripeAsync();
        yield return await WebhooksAsync();
    }

    public void Dispose() => http.Dispose();

    private async IAsyncEnumerable<Finding> OpenAIAsync()
    {
        var settings = configuration.ReadOpenAI();
        if (!settings.HasUpstream)
        {
            yield return Finding.Note("No upstream key is set: where the sandbox is on, it answers.");
            yield break;
        }
        var address = Below(settings.BaseUrl ?? new Uri(OpenAISettings.OfficialBaseUrl), "models");
        var (status, answer) = await AskAsync(address, settings.ApiKey is { } key ? new AuthenticationHeaderValue("Bearer", key) : null);
        using (answer)
        {
            yield return Judge("The upstream", status, "OpenAI:ApiKey");
            if (answer?.Headers.Date is { } theirs) yield return Clock(theirs);
        }
    }

    private Finding Clock(DateTimeOffset theirs)
    {
        var skew = time.GetUtcNow() - theirs;
        return skew.Duration() <= MostSkew
            ? Finding.Well("The clock agrees with the upstream's.")
            : Finding.Wrong(string.Create(CultureInfo.InvariantCulture, $"The clock is {(long)skew.Duration().TotalSeconds} seconds {(skew > TimeSpan.Zero ? "ahead of" : "behind")} the upstream's."),
                "Let it be set by the network: timedatectl set-ntp true. Stripe's events are refused beyond five minutes.");
    }

    private async Task<Finding> TwilioAsync()
    {
        if (Settings.Read<SmsSettings>(configuration).Provider == SmsProvider.Console) return Finding.Well("Codes are written to standard output, by Sms:Provider=console.");
        var twilio = Settings.Read<TwilioSettings>(configuration);
        if (!twilio.HasKeys) return Finding.Note("No Twilio keys are set: where the sandbox is on, it plays Twilio.");
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{twilio.AccountSid}:{twilio.AuthToken}"));
        var (status, answer) = await AskAsync(Below(twilio.BaseUrl, $"2010-04-01/Accounts/{Uri.EscapeDataString(twilio.AccountSid!)}.json"), new AuthenticationHeaderValue("Basic", credentials));
        answer?.Dispose();
        return Judge("Twilio", status, "Twilio:AccountSid and Twilio:AuthToken");
    }

    private async Task<Finding> StripeAsync()
    {
        if (Settings.Read<BillingSettings>(configuration).Provider == BillingProvider.None) return Finding.Well("Nothing is sold, by Billing:Provider=none.");
        var stripe = Settings.Read<StripeSettings>(configuration);
        if (!stripe.HasKeys) return Finding.Note("No Stripe keys are set: where the sandbox is on, it plays Stripe.");
        var (status, answer) = await AskAsync(Below(stripe.BaseUrl, $"v1/prices/{Uri.EscapeDataString(stripe.ProPriceId!)}"), new AuthenticationHeaderValue("Bearer", stripe.SecretKey), StripeClient.Version);
        answer?.Dispose();
        return status == (int)HttpStatusCode.NotFound
            ? Finding.Wrong("Stripe knows no such price.", "Stripe:ProPriceId has to be of the same mode, test or live, as Stripe:SecretKey.")
            : Judge("Stripe", status, "Stripe:SecretKey");
    }

    private async Task<Finding> WebhooksAsync()
    {
        if (Settings.Read<ServerSettings>(configuration).PublicUrl is not { } address) return Finding.Note("PublicUrl is not set: vendors cannot report.");
        var (status, answer) = await AskAsync(Below(address, "healthz"), null);
        answer?.Dispose();
        return status == (int)HttpStatusCode.OK
            ? Finding.Well("The server answers at PublicUrl, as far as this machine can tell.")
            : Finding.Wrong($"{Below(address, "healthz")} {(status == 0 ? "does not answer" : $"answers {status}")}: webhooks of Stripe and Twilio do not arrive.", "See to the proxy, the name's address, the certificate, and that the server runs.");
    }

    private static Finding Judge(string vendor, int status, string key) => status switch
    {
        >= 200 and < 300 => Finding.Well($"{vendor} takes the key."),
        0 => Finding.Wrong($"{vendor} does not answer.", "See to the way out: name server, firewall, proxy, and the address in the settings."),
        401 or 403 => Finding.Wrong($"{vendor} refuses the key ({status}).", $"Set {key} anew."),
        429 or >= 500 => Finding.Note($"{vendor} is busy or has a fault of its own ({status}).", "Try again later."),
        _ => Finding.Wrong($"{vendor} answers {status}.", "See to its address in the settings."),
    };

    private async Task<(int Status, HttpResponseMessage? Answer)> AskAsync(Uri address, AuthenticationHeaderValue? authorization, string? stripeVersion = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Authorization = authorization } };
        if (stripeVersion is not null) request.Headers.Add("Stripe-Version", stripeVersion);
        try
        {
            var answer = await http.SendAsync(request);
            return ((int)answer.StatusCode, answer);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return (0, null);
        }
    }

    private static Uri Below(Uri address, string path) => new($"{address.AbsoluteUri.TrimEnd('/')}/{path}");
}
