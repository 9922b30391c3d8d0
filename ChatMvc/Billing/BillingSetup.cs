using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Stripe;
using ChatMvc.Billing.Usage;
using ChatMvc.Shared;

namespace ChatMvc.Billing;

public static class BillingSetup
{
    /// <exception cref="SettingsException">A setting of the sections Billing, Limits, Ceilings, Credit or Stripe is malformed.</exception>
    public static void AddBilling(this IHostApplicationBuilder builder)
    {
        var billing = builder.AddSettings<BillingSettings>();
        builder.AddSettings<LimitSettings>();
        builder.AddSettings<CreditSettings>();
        var stripe = builder.AddSettings<StripeSettings>();
        // With some of its keys the sandbox would play Stripe, and nobody would notice that nothing is paid.
        if (stripe.HasSomeKeys && !stripe.HasKeys) throw new SettingsException("Stripe:SecretKey, Stripe:WebhookSecret and Stripe:ProPriceId go together; one of them is missing or empty.");
        builder.AddSettings<CeilingSettings>();
        builder.Services.AddSingleton<Allowance>();
        builder.Services.AddSingleton<CreditLedger>();
        builder.Services.AddSingleton<Statement>();
        builder.Services.AddSingleton<Spending>();
        builder.Services.AddSingleton<Payers>();
        builder.Services.AddSingleton<Plans>();
        builder.Services.AddStripe(isOn: billing.Provider == BillingProvider.Stripe);
        builder.Services.AddSingleton<MonthlyCost>();
        builder.Services.AddScoped<UsageReports>();
        builder.Services.AddScoped<UsageFile>();
    }
}
