using ChatMvc.Accounts.Passwords;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Accounts;

/// <summary>What people do with passwords, step by step and also wrongly.</summary>
public static class PasswordApp
{
    public const string Good = "three quiet otters";
    public const string Wrong = "three loud otters";

    extension(AccountApp app)
    {
        /// <summary>Makes an account with this password, and no session or message.</summary>
        public async Task HaveAsync(string phone, string password = Good)
        {
            using var turn = await app.Services.GetRequiredService<PasswordHashing>().EnterAsync(CancellationToken.None);
            await app.HaveHashAsync(phone, turn!.Hash(password));
        }

        public Task HaveHashAsync(string phone, string? hash) => app.ReadAsync(db => db.WriteAsync(() => db.Database.ExecuteSqlAsync(
            $"INSERT INTO Users (Phone, PasswordHash, PasswordSetAt, CreatedAt, Theme, SafetyKey) VALUES ({phone}, {hash}, {(hash is null ? null : 1L)}, 1, 'System', 'x')")));

        public Task<string?> HashOfAsync(string phone) => app.ReadAsync(db => db.Users.Where(u => u.Phone == phone).Select(u => u.PasswordHash).SingleAsync());
    }
}

public static class PasswordBrowser
{
    extension(Browser browser)
    {
        public Task<Answer> TypePasswordAsync(string phone, string password, string? returnUrl = null) =>
            browser.PostAsync("/signin/password", ("phone", phone), ("password", password), ("returnUrl", returnUrl ?? "/chats"));

        /// <summary>Through the known proxy, from another address each.</summary>
        public async Task<Answer> TypePasswordFromAsync(string address, string phone, string password)
        {
            var token = (await browser.GetAsync("/signin/password")).Document.QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!;
            return await browser.PostBareAsync("/signin/password", [("X-Forwarded-For", address)],
                ("phone", phone), ("password", password), ("__RequestVerificationToken", token));
        }

        public Task<Answer> ChangeAsync(string? current, string password) => current is null
            ? browser.PostAsync("/account/password", ("password", password))
            : browser.PostAsync("/account/password", ("current", current), ("password", password));

        public async Task<string> ResetCodeAsync()
        {
            var page = await browser.GetAsync("/password/reset");
            return page.Document.QuerySelector("#sandbox-code")?.TextContent ?? throw new InvalidOperationException($"No code on the page:\n{page.Text}");
        }
    }
}
