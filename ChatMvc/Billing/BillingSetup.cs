using ChatMvc.Billing.Ledger;
using ChatMvc.Shared;

namespace ChatMvc.Billing;

public static class BillingSetup
{
    public static void AddBilling(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<BillingSettings>();
        builder.AddSettings<LimitSettings>();
        builder.AddSettings<StripeSettings>();
        builder.AddSettings<CreditSettings>();
        builder.AddSettings<CeilingSettings>();
        builder.Services.AddSingleton<Allowance>();
        builder.Services.AddSingleton<CreditLedger>();
        builder.Services.AddSingleton<Spending>();
        builder.Services.AddSingleton<Payers>();
        builder.Services.AddSingleton<Usage.MonthlyCost>();
    }
}
