using System.Globalization;
using ChatMvc.Accounts;
using ChatMvc.Billing.Usage;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Billing.Usage;

/// <summary>What tests of usage put on the books: requests as the end of an answer leaves them.</summary>
public static class UsagePages
{
    private static int requests = 1_000_000;

    /// <summary>A request that was made then: an answer, unless it is said otherwise. Money in micro-dollars.</summary>
    public static async Task UseAsync(
        this TestApp app, string name, DateTimeOffset at, long? cost = 1_000, long? charged = null, string model = "gpt-6-luna", long chatId = 1,
        string kind = "Answer", string payer = "Allowance", string outcome = "stop", bool isEstimate = false, long? prompt = 100, long? output = 20)
    {
        var user = await app.UserAsync(name);
        await app.SqlAsync(string.Create(CultureInfo.InvariantCulture, $"""
            INSERT INTO Completions (Kind, ChatId, MessageId, UserId, Attempt, Payer, Model, StartedAt, FinishedAt, Outcome,
              PromptTokens, CachedTokens, CacheWriteTokens, CompletionTokens, ReasoningTokens, IsEstimate, CostMicros, ChargedMicros)
            VALUES ('{kind}', {chatId}, {Interlocked.Increment(ref requests)}, {user.Id}, 1, '{payer}', '{model}', {at.ToUnixTimeMilliseconds()}, {at.ToUnixTimeMilliseconds() + 3_000}, '{outcome}',
              {Sql(prompt)}, 10, 0, {Sql(output)}, 5, {(isEstimate ? 1 : 0)}, {Sql(cost)}, {Sql(charged)})
            """));
    }

    public static Task<User> UserAsync(this TestApp app, string name) =>
        app.ReadAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Phone == TestApp.PhoneOf(name)));

    /// <summary>Makes a person older than the test, and at home somewhere.</summary>
    public static async Task LivesInAsync(this TestApp app, string name, string zone, DateTimeOffset since) =>
        await app.SqlAsync($"UPDATE Users SET TimeZone = '{zone}', CreatedAt = {since.ToUnixTimeMilliseconds()} WHERE Phone = '{TestApp.PhoneOf(name)}'");

    /// <summary>A month as the page reads it.</summary>
    public static async Task<UsageReport> ReportAsync(this TestApp app, string name, Month month)
    {
        var user = await app.UserAsync(name);
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UsageReports>().ReadAsync(user, month, default);
    }

    /// <summary>How SQLite is going to answer a query, step by step.</summary>
    public static Task<List<string>> PlanAsync(this TestApp app, string sql) => app.ReadAsync(async db =>
    {
        await db.Database.OpenConnectionAsync();
        await using var explain = db.Database.GetDbConnection().CreateCommand();
        explain.CommandText = "EXPLAIN QUERY PLAN " + sql;
        await using var rows = await explain.ExecuteReaderAsync();
        var steps = new List<string>();
        while (await rows.ReadAsync()) steps.Add(rows.GetString(rows.GetOrdinal("detail")));
        return steps;
    });

    private static string Sql(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "NULL";
}
