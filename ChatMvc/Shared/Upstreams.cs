using System.Net;
using ChatMvc.Billing;
using ChatMvc.Completions;
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

/// <summary>
/// Which vendors have no keys and are therefore served by the sandbox: over HTTP, from this very process. The clients
/// are told another address; nothing else differs.
/// </summary>
public sealed class Upstreams(IServer server, bool openAI, bool twilio, bool stripe)
{
    public bool OpenAIIsSandbox { get; } = openAI;
    public bool TwilioIsSandbox { get; } = twilio;
    public bool StripeIsSandbox { get; } = stripe;
    public bool AnySandbox => OpenAIIsSandbox || TwilioIsSandbox || StripeIsSandbox;

    /// <summary>The address of a vendor in the sandbox, such as <c>openai/v1</c>. Known once the server listens.</summary>
    public Uri Sandbox(string path)
    {
        var listening = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(a => a.StartsWith("http://", StringComparison.Ordinal))
            ?? throw new InvalidOperationException("The server does not listen yet.");
        return new Uri($"http://127.0.0.1:{BindingAddress.Parse(listening).Port}/sandbox/{path}");
    }
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
            services.GetRequiredService<IServer>(), !openAI.HasUpstream, needsTwilio && !twilio.HasKeys, needsStripe && !stripe.HasKeys));
        return sandbox;
    }

    private static bool ListensOnLoopbackAlone(IConfiguration configuration) =>
        (configuration["Urls"] ?? "http://localhost:5000").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .All(url => BindingAddress.Parse(url).Host is var host
                && (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                    || IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));
}
