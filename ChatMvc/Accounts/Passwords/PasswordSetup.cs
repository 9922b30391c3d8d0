using ChatMvc.Shared;

namespace ChatMvc.Accounts.Passwords;

public static class PasswordSetup
{
    /// <exception cref="SettingsException">A setting of the section Passwords is malformed.</exception>
    public static void AddPasswords(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<PasswordSettings>();
        builder.Services.AddSingleton<PasswordHashing>();
        builder.Services.AddSingleton<PasswordRules>();
        builder.Services.AddScoped<PasswordLimits>();
        builder.Services.AddScoped<PasswordNotice>();
        builder.Services.AddScoped<AccountPasswords>();
    }
}
