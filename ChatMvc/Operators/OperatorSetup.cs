using ChatMvc.Accounts;
using ChatMvc.Operators.Access;
using ChatMvc.Operators.Audit;
using ChatMvc.Operators.Handbook;
using ChatMvc.Operators.InForce;
using ChatMvc.Operators.Overview;
using ChatMvc.Operators.State;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Operators;

public static class OperatorSetup
{
    /// <summary>After the accounts, which read who the operators are.</summary>
    public static void AddOperators(this IHostApplicationBuilder builder)
    {
        builder.Services
            .AddScoped<OperatorsOnly>()
            .AddScoped<AuditLog>()
            .AddSingleton<Maintenance>()
            .AddSingleton<HandbookText>()
            .AddScoped<OverviewReader>()
            .AddScoped<SettingsInForce>()
            .AddSingleton<ServerFacts>().AddHostedService(services => services.GetRequiredService<ServerFacts>())
            .Configure<RazorPagesOptions>(pages => pages.Conventions.AddFolderApplicationModelConvention("/Operators", page =>
            {
                // To strangers there is no page, so there is nothing to sign in for.
                page.EndpointMetadata.Add(new AllowAnonymousAttribute());
                page.Filters.Add(new ServiceFilterAttribute<OperatorsOnly>());
            }));
    }
}
