using ChatMvc.Jobs;
using ChatMvc.Sandbox;
using ChatMvc.Shared;

namespace ChatMvc.Sms;

public static class SmsSetup
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);
    private const int SandboxTokenLength = 32;

    /// <exception cref="SettingsException">A setting of the sections Sms or Twilio is malformed.</exception>
    public static void AddSms(this IHostApplicationBuilder builder)
    {
        var sms = builder.AddSettings<SmsSettings>();
        var twilio = builder.AddSettings<TwilioSettings>();
        SmsCountries.From(sms, twilioIsSandbox: false);

        var services = builder.Services;
        services.AddSingleton(provider => SmsCountries.From(sms, provider.GetRequiredService<Upstreams>().TwilioIsSandbox));
        services.AddSingleton<SmsSeal>();
        services.AddScoped<SmsOutbox>();
        services.AddScoped<SmsBlocks>();
        services.AddJobHandler<SendSms>();
        services.AddRecurringJob<SmsSweep>(SmsSweep.Every);
        if (sms.Provider == SmsProvider.Console) services.AddSingleton<ISmsCarrier, ConsoleCarrier>();
        else services.AddTwilio(twilio);
    }

    private static void AddTwilio(this IServiceCollection services, TwilioSettings twilio)
    {
        services.AddSingleton(provider => provider.GetRequiredService<Upstreams>().TwilioIsSandbox
            // The sandbox takes any token and signs with it: with a new one at each start nobody else can report.
            ? new TwilioAccount(SandboxTwilio.AccountSid, RandomKey.OfLength(SandboxTokenLength), SandboxTwilio.From, null)
            : new TwilioAccount(twilio.AccountSid!, twilio.AuthToken!, twilio.From, twilio.MessagingServiceSid));
        services.AddSingleton(provider => new StatusCallbacks(provider.GetRequiredService<TwilioAccount>(), AddressForTwilio(provider)));
        services.AddScoped<StatusReports>();
        services.AddHttpClient<ISmsCarrier, TwilioClient>((provider, http) =>
            {
                var upstreams = provider.GetRequiredService<Upstreams>();
                http.BaseAddress = Directory(upstreams.TwilioIsSandbox ? upstreams.Sandbox("twilio") : twilio.BaseUrl);
                http.Timeout = TwilioClient.Timeout;
                http.MaxResponseContentBufferSize = TwilioClient.MaxAnswer;
            })
            .ConfigurePrimaryHttpMessageHandler(provider => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                ConnectTimeout = ConnectTimeout,
                PooledConnectionLifetime = ConnectionLifetime,
                UseCookies = false,
                UseProxy = !provider.GetRequiredService<Upstreams>().TwilioIsSandbox,
            })
            // Its connections age, not the handler.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // Their lines would name the account in every address.
            .RemoveAllLoggers();
    }

    // The sandbox reaches this very process. Twilio refuses a message whose reports would go to its own machine, or to a
    // host name with an underscore; without a callback the message is sent all the same.
    private static Uri? AddressForTwilio(IServiceProvider provider) =>
        provider.GetRequiredService<Upstreams>() is { TwilioIsSandbox: true } upstreams ? new Uri(upstreams.Sandbox("twilio"), "/")
        : provider.GetRequiredService<ServerSettings>().PublicUrl is { IsLoopback: false } url && !url.Host.Contains('_') ? url
        : null;

    // Relative addresses replace what follows the last slash.
    private static Uri Directory(Uri address) => new(address.AbsoluteUri.TrimEnd('/') + "/");
}
