using ChatMvc.Jobs;
using ChatMvc.Shared;

namespace ChatMvc.Billing.Stripe;

internal static class StripeSetup
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static void AddStripe(this IServiceCollection services, bool isOn)
    {
        services.AddSingleton<StripeTurns>();
        services.AddSingleton<StripePages>();
        services.AddSingleton<ProPrice>();
        services.AddScoped<Customers>();
        services.AddScoped<Checkouts>();
        services.AddScoped<PurchaseSync>();
        services.AddScoped<SubscriptionSync>();
        services.AddScoped<StripeInbox>();
        services.AddHttpClient<StripeClient>(http =>
            {
                // The client has its own patience.
                http.Timeout = Timeout.InfiniteTimeSpan;
                http.MaxResponseContentBufferSize = StripeClient.MaxAnswer;
            })
            .ConfigurePrimaryHttpMessageHandler(provider => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                ConnectTimeout = ConnectTimeout,
                PooledConnectionLifetime = ConnectionLifetime,
                UseCookies = false,
                UseProxy = !provider.GetRequiredService<Upstreams>().StripeIsSandbox,
            })
            // Its connections age, not the handler.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // Ours says what matters, with Stripe's request id.
            .RemoveAllLoggers();
        services.AddJobHandler<StripeFarewell>();
        if (!isOn) return;
        services.AddJobHandler<StripeEventJob>(StripeEventJob.AtOnce);
        services.AddRecurringJob<StripeSweep>(StripeSweep.Every);
        services.AddRecurringJob<StripeReconciler>(StripeReconciler.Every);
    }
}
