using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Usage;
using ChatMvc.Shared;

namespace ChatMvc.Billing;

public static class BillingSetup
{
    public static void AddBilling(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<BillingSettings>();
        builder.AddSettings<LimitSettings>();
        builder.AddSettings<StripeSettings>();
        builder.Services.AddSingleton<Allowance>();
        builder.Services.AddSingleton<CreditLedger>();
        builder.Services.AddSingleton<MonthlyCost>();
        builder.Services.AddScoped<UsageReports>();
        builder.Services.AddScoped<UsageFile>();
    }
}
