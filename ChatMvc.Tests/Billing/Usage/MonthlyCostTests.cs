using ChatMvc.Billing.Usage;
using ChatMvc.Tests.Chats;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Billing.Usage;

/// <summary>What a month has cost, in the person's own time: the number that a budget is held against.</summary>
public sealed class MonthlyCostTests
{
    [Fact]
    public async Task A_month_costs_what_was_charged_else_what_the_upstream_took()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var now = app.Time.GetUtcNow();
        await app.UseAsync("Maya", now, cost: 1_000);
        await app.UseAsync("Maya", now, cost: 1_000, charged: 1_500, payer: "Credit");
        await app.UseAsync("Maya", now, cost: null);
        await app.UseAsync("Maya", now, cost: 70, kind: "Title", payer: "Operator");
        await app.UseAsync("Noor", now, cost: 9_000);

        Assert.Equal(2_500, await CostAsync(app, "Maya"));
    }

    [Fact]
    public async Task On_ones_own_key_titles_and_summaries_are_part_of_it()
    {
        await using var app = await TestApp.StartAsync("Billing:Provider=none", "SignUp:Mode=open");
        using var maya = await app.SignInAsAsync("Maya");
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: 1_000, payer: "Operator");
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: 70, kind: "Title", payer: "Operator");

        Assert.Equal(1_070, await CostAsync(app, "Maya"));
    }

    [Theory]
    [InlineData("Pacific/Kiritimati")]
    [InlineData("Etc/GMT+12")]
    [InlineData("Asia/Kathmandu")]
    [InlineData("America/Havana")]
    public async Task The_month_begins_and_ends_at_the_persons_midnight(string zone)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await app.LivesInAsync("Maya", zone, app.Time.GetUtcNow());
        var (from, until) = Month.Of(app.Time.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById(zone)).In(TimeZoneInfo.FindSystemTimeZoneById(zone));
        await app.UseAsync("Maya", from.AddMilliseconds(-1), cost: 1);
        await app.UseAsync("Maya", from, cost: 20);
        await app.UseAsync("Maya", until.AddMilliseconds(-1), cost: 300);
        await app.UseAsync("Maya", until, cost: 4_000);

        Assert.Equal(320, await CostAsync(app, "Maya"));
    }

    [Fact]
    public async Task It_follows_every_change_of_the_books()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: null);
        Assert.Equal(0, await CostAsync(app, "Maya"));
        await app.SqlAsync("UPDATE Completions SET CostMicros = 500");
        Assert.Equal(500, await CostAsync(app, "Maya"));
        await app.SqlAsync("UPDATE Completions SET ChargedMicros = 600, StartedAt = StartedAt + 900000");
        Assert.Equal(600, await CostAsync(app, "Maya"));
        await app.SqlAsync("DELETE FROM Completions");
        Assert.Equal(0, await CostAsync(app, "Maya"));
    }

    [Fact]
    public async Task It_is_one_range_of_an_index()
    {
        await using var app = await TestApp.StartAsync();
        Assert.Equal(["SEARCH UsageQuarters USING PRIMARY KEY (UserId=? AND Quarter>? AND Quarter<?)"], await app.PlanAsync(
            "SELECT SUM(Micros) FROM UsageQuarters WHERE UserId = 1 AND Quarter >= 1 AND Quarter < 2 AND (Kind = 'Answer' OR 0)"));
    }

    private static async Task<long> CostAsync(TestApp app, string name)
    {
        var user = await app.UserAsync(name);
        var cost = app.Services.GetRequiredService<MonthlyCost>();
        return (await app.ReadAsync(db => db.WriteAsync(() => cost.ThisMonthAsync(db, user, default)))).Micros;
    }
}
