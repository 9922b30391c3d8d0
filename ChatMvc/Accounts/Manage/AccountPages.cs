using ChatMvc.Jobs;

namespace ChatMvc.Accounts.Manage;

/// <summary>What a person sees and does about their own account.</summary>
public static class AccountPages
{
    public static void AddAccountPages(this IServiceCollection services) => services
        .AddScoped<Devices>()
        .AddScoped<Deletion>()
        .AddScoped<NumberChange>()
        .AddScoped<Exports>()
        .AddScoped<ExportWriter>()
        .AddSingleton<ExportFiles>()
        .AddSingleton<ExportPace>()
        .AddJobHandler<AccountRemoval>()
        .AddJobHandler<ExportJob>(ExportJob.AtOnce)
        .AddRecurringJob<AccountUpkeep>(AccountUpkeep.Every);
}
