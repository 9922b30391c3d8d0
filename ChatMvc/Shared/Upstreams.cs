using System.Net;
using ChatMvc.Billing;
using ChatMvc.Completions;
using ChatMvc.Sandbox.Stripe;
using ChatMvc.Sms;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ChatMvc.Shared;

[Section("Sandbox")]
public sealed class SandboxSettings
{
    /// <summary>Without a value: true in Development, false elsewhere.</summary>
    public bool? Enabled { get; set; }
}

/// <summary>What the app needs to speak with Stripe.</summary>
/// <param name="BaseUrl">Calls go to <c>/v1/…</c> below it.</param>
/// <param name="SecretKey">Sent as a Bearer token.</param>
/// <param name="WebhookSecrets">An event signed with any of them is Stripe's.</param>
/// <param name="ProPriceId">What a Pro subscription is made of.</param>
public sealed record StripeAccess(Uri BaseUrl, string SecretKey, IReadOnlyList<string> WebhookSecrets, string ProPriceId);

/// <summary>
/// Which vendors have no keys and are therefore served by the sandbox: over HTTP, from this very process. The clients
/// are told another address; nothing else differs.
/// </summary>
public sealed class Upstreams(IServer server, bool openAI, bool twilio, bool stripe, Func<StripeAccess> stripeAccess)
{
    public bool OpenAIIsSandbox { get; } = openAI;
    public bool TwilioIsSandbox { get; } = twilio;
    public bool StripeIsSandbox { get; } = stripe;
    public bool AnySandbox => OpenAIIsSandbox || TwilioIsSandbox || StripeIsSandbox;

    /// <summary>Stripe as the app reaches it, real or in the sandbox. The sandbox's is known once the server listens.</summary>
    public StripeAccess Stripe => stripeAccess();

    /// <summary>The address of a vendor in the sandbox, such as <c>openai/v1</c>. Known once the server listens.</summary>
    public Uri Sandbox(string path) => new(OwnAddress(server), $"/sandbox/{path}");

    /// <summary>This very server, as it reaches itself.</summary>
    public static Uri OwnAddress(IServer server) => new($"http://127.0.0.1:{Listening(server).Port}/");

    /// <summary>This very server as a browser on this machine reaches it, without a slash at the end: under the name it listens to.</summary>
    public static string AddressForBrowsers(IServer server)
    {
        var (host, port) = (Listening(server).Host, Listening(server).Port);
        return host == "localhost" || IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)
            ? $"http://{host}:{port}"
            : $"http://localhost:{port}";
    }

    private static BindingAddress Listening(IServer server) => BindingAddress.Parse(
        server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(a => a.StartsWith("http://", StringComparison.Ordinal))
        ?? throw new InvalidOperationException("The server does not listen yet."));
}

public static class UpstreamSetup
{
    /// <summary>Decides for each vendor between keys and sandbox, and refuses to start where there is neither.</summary>
    /// <exception cref="SettingsException">Names every missing key.</exception>
    public static SandboxSettings AddUpstreams(this IHostApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var server = Settings.Read<ServerSettings>(configuration);
        var sandbox = builder.AddSettings<SandboxSettings>();
        sandbox.Enabled ??= builder.Environment.IsDevelopment();
        var openAI = configuration.ReadOpenAI();
        var twilio = Settings.Read<TwilioSettings>(configuration);
        var stripe = Settings.Read<StripeSettings>(configuration);
        var needsTwilio = Settings.Read<SmsSettings>(configuration).Provider == SmsProvider.Twilio;
        var needsStripe = Settings.Read<BillingSettings>(configuration).Provider == BillingProvider.Stripe;

        if (builder.Environment.IsProduction() && sandbox.Enabled.Value && !ListensOnLoopbackAlone(configuration))
            throw new SettingsException("Sandbox:Enabled in Production needs Urls on loopback alone.");
        var missing = new List<string>();
        if (!builder.Environment.IsDevelopment() && server.PublicUrl is null) missing.Add("PublicUrl");
        if (!sandbox.Enabled.Value)
        {
            if (!openAI.HasUpstream) missing.Add("OpenAI:ApiKey (or OPENAI_API_KEY)");
            if (needsTwilio && !twilio.HasKeys) missing.Add("Twilio:AccountSid, Twilio:AuthToken and Twilio:From (or Sms:Provider=console)");
            if (needsStripe && !stripe.HasKeys) missing.Add("Stripe:SecretKey, Stripe:WebhookSecret and Stripe:ProPriceId (or Billing:Provider=none)");
        }
        if (missing.Count > 0) throw new SettingsException($"Settings are missing: {string.Join("; ", missing)}.");

        builder.Services.AddSingleton(services => new Upstreams(
            services.GetRequiredService<IServer>(), !openAI.HasUpstream, needsTwilio && !twilio.HasKeys, needsStripe && !stripe.HasKeys,
            () => AccessTo(stripe, services)));
        return sandbox;
    }

    private static StripeAccess AccessTo(StripeSettings stripe, IServiceProvider services)
    {
        if (stripe.HasKeys) return new(stripe.BaseUrl, stripe.SecretKey!, stripe.WebhookSecret, stripe.ProPriceId!);
        var sandbox = services.GetRequiredService<SandboxStripe>();
        return new(services.GetRequiredService<Upstreams>().Sandbox("stripe"), SandboxStripe.SecretKey, [sandbox.WebhookSecret], SandboxStripe.ProPriceId);
    }

    private static bool ListensOnLoopbackAlone(IConfiguration configuration) =>
        (configuration["Urls"] ?? "http://localhost:5000").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .All(url => BindingAddress.Parse(url).Host is var host
                && (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                    || IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));
}
