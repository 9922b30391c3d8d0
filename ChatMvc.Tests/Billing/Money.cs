using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Billing;

/// <summary>What tests of money ask and do again and again.</summary>
public static class Money
{
    /// <summary>Gives credit as a payment would.</summary>
    public static Task CreditAsync(this TestApp app, string name, decimal dollars) => app.WriteAsync(async (db, books) =>
        await books.BookAsync(db, await UserAsync(db, name), LedgerKind.TopUp, Usd.RoundedUp(dollars), $"pi_{Guid.NewGuid():N}"));

    public static Task<Usd> BalanceAsync(this TestApp app, string name) => app.ReadAsync(async db =>
        await app.Services.GetRequiredService<CreditLedger>().BalanceAsync(db, await UserAsync(db, name)));

    public static Task<List<LedgerEntry>> LedgerAsync(this TestApp app) =>
        app.ReadAsync(db => db.LedgerEntries.AsNoTracking().OrderBy(e => e.Id).ToListAsync());

    public static Task<T> WriteAsync<T>(this TestApp app, Func<ChatDb, CreditLedger, Task<T>> work) => app.ReadAsync(db =>
        db.WriteAsync(() => work(db, app.Services.GetRequiredService<CreditLedger>())));

    private static Task<long> UserAsync(ChatDb db, string name)
    {
        var phone = TestApp.PhoneOf(name);
        return db.Users.Where(u => u.Phone == phone).Select(u => u.Id).SingleAsync();
    }
}
