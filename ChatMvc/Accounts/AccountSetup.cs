using ChatMvc.Accounts.Manage;
using ChatMvc.Accounts.Passwords;
using ChatMvc.Billing;
using ChatMvc.Jobs;
using ChatMvc.Operators.Access;
using ChatMvc.Sandbox;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Authorization;

namespace ChatMvc.Accounts;

public static class AccountSetup
{
    /// <exception cref="SettingsException">A setting of the sections SignUp, Otp, Passwords or Sessions, or of Operators, is malformed.</exception>
    public static void AddAccounts(this IHostApplicationBuilder builder)
    {
        var signUp = builder.AddSettings<SignUpSettings>();
        var sessions = builder.AddSettings<SessionSettings>();
        builder.AddSettings<OtpSettings>();
        builder.AddPasswords();
        var sells = Settings.Read<BillingSettings>(builder.Configuration).Provider != BillingProvider.None;
        var operators = OperatorNumbers.From(Settings.Read<ServerSettings>(builder.Configuration));

        var services = builder.Services;
        services.AddSingleton(operators);
        services.AddSingleton(new SignUp(signUp.Mode ?? (sells ? SignUpMode.Open : SignUpMode.Invited), operators.Configured));
        services.AddSingleton<CodeText>();
        services.AddScoped<CodeLimits>();
        services.AddScoped<OneTimeCodes>();
        services.AddScoped<CodeDeliveries>();
        services.AddScoped<CodePrompts>();
        services.AddScoped<SignIns>();
        services.AddScoped<Invitations>();
        services.AddSingleton<PhoneMac>();
        services.AddScoped<FormerUses>();
        services.AddSingleton<UnsentTexts>();
        services.AddScoped<CurrentUser>();
        services.AddSingleton<SessionStreams>().AddHostedService(provider => provider.GetRequiredService<SessionStreams>());
        services.AddSingleton<SandboxCode>();
        services.AddRecurringJob<AccountSweep>(AccountSweep.Every);
        services.AddSessionCookie(sessions);
        services.AddAccountPages();
        services.AddAuthorizationBuilder().SetFallbackPolicy(SignedInWherePagesAre());
    }

    /// <summary>After routing: who asks, and whether that may be. Every page needs a signed-in person unless it says otherwise.</summary>
    public static void UseAccounts(this WebApplication app)
    {
        app.UseAuthentication();
        app.UseAuthorization();
        if (app.Services.GetRequiredService<SignUp>().AdmitsNobody) AccountLog.NobodyMaySignUp(app.Logger);
    }

    // Where there is no page there is nothing to sign in for: 404, not the sign-in page.
    private static AuthorizationPolicy SignedInWherePagesAre() => new AuthorizationPolicyBuilder().RequireAssertion(asked =>
        asked.User.Identity?.IsAuthenticated == true || asked.Resource is HttpContext http && http.GetEndpoint() is null).Build();
}
