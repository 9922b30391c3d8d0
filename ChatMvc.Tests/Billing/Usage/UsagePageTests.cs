using System.Globalization;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using ChatMvc.Billing.Usage;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing.Usage;

/// <summary>The page that says what a month took and cost.</summary>
public sealed class UsagePageTests
{
    private static readonly DateTimeOffset Long = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_month_is_told_by_day_model_and_chat()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        await app.LivesInAsync("Maya", "UTC", Long);
        var path = await maya.StartChatAsync("About bread");
        await maya.LastAnswerAsync(path);
        await Rooms.EventuallyAsync(() => app.ReadAsync(db => db.Chats.AnyAsync(c => c.Title == "Questions about bread")), "it is named");
        var chat = await app.ReadAsync(db => db.Chats.SingleAsync());
        await app.UseAsync("Maya", At("2026-05-02T10:00Z"), cost: 300_000, model: "gpt-6-luna", chatId: chat.Id, prompt: 12_000, output: 900);
        await app.UseAsync("Maya", At("2026-05-12T10:00Z"), cost: 940_000, charged: 940_000, model: "gpt-6-sol", chatId: 999_999, prompt: 1_000, output: 100);
        await app.UseAsync("Noor", At("2026-05-12T10:00Z"), cost: 5_000_000);

        var page = await maya.GetAsync("/usage?month=2026-05");

        Assert.Equal(200, page.Status);
        Assert.Equal("$1.24 in May, most of it on the 12th", page.Document.QuerySelector("h1")!.TextContent);
        Assert.Equal("$1.24 in May, most of it on the 12th", page.Document.QuerySelector("svg[role=img] > title")!.TextContent);
        Assert.Equal(["2 May: $0.30, 1 answer", "12 May: $0.94, 1 answer"], page.Document.QuerySelectorAll("svg rect > title").Select(t => t.TextContent));
        Assert.Equal(["2 May|1|12k|900|$0.30", "12 May|1|1,000|100|$0.94"], Rows(page, "by day"));
        Assert.Equal(["gpt-6-sol|1|1,000|100|$0.94", "gpt-6-luna|1|12k|900|$0.30"], Rows(page, "by model"));
        Assert.Equal(["Deleted chat|1|1,000|100|$0.94", "Questions about bread|1|12k|900|$0.30"], Rows(page, "by chat"));
        Assert.Equal(path, page.Document.QuerySelector("table a")!.GetAttribute("href"));
        Assert.Equal("2|13,000, 20 of them cached|1,000, 10 of them for thinking|$1.24|$0.94", string.Join('|', page.Document.QuerySelectorAll(".facts dd").Select(d => d.TextContent)));
        Assert.DoesNotContain("style=", page.Text);
    }

    [Fact]
    public async Task A_day_is_the_persons_own_and_another_zone_moves_no_money()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await app.LivesInAsync("Maya", "Pacific/Kiritimati", Long);
        await app.UseAsync("Maya", At("2026-05-14T09:59Z"), cost: 10_000); // 23:59 there
        await app.UseAsync("Maya", At("2026-05-14T10:00Z"), cost: 20_000); // midnight there

        Assert.Equal(["14 May|1|100|20|$0.01", "15 May|1|100|20|$0.02"], Rows(await maya.GetAsync("/usage?month=2026-05"), "by day"));
        await app.LivesInAsync("Maya", "Etc/GMT+12", Long);
        Assert.Equal(["13 May|2|200|40|$0.03"], Rows(await maya.GetAsync("/usage?month=2026-05"), "by day"));
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-10-25", "2026-10-24T22:00Z", "2026-10-25T22:59Z")] // 25 hours
    [InlineData("Europe/Berlin", "2026-03-29", "2026-03-28T23:00Z", "2026-03-29T21:59Z")] // 23 hours
    [InlineData("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00Z", "2026-04-05T13:29Z")] // half an hour more
    [InlineData("America/Havana", "2026-03-08", "2026-03-08T05:00Z", "2026-03-09T03:59Z")] // has no midnight
    public async Task The_day_on_which_clocks_are_changed_is_one_day(string zone, string day, string first, string last)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await app.LivesInAsync("Maya", zone, Long);
        await app.UseAsync("Maya", At(first).AddMinutes(-1), cost: 1_000);
        await app.UseAsync("Maya", At(first), cost: 20_000);
        await app.UseAsync("Maya", At(last), cost: 300_000);
        await app.UseAsync("Maya", At(last).AddMinutes(1), cost: 4_000_000);

        var page = await maya.GetAsync("/usage?month=" + day[..7]);

        var name = DateTime.Parse(day, CultureInfo.InvariantCulture).ToString("d MMMM", CultureInfo.InvariantCulture);
        Assert.Contains($"{name}|2|200|40|$0.32", Rows(page, "by day"));
        Assert.Equal(3, Rows(page, "by day").Count);
    }

    [Theory]
    [InlineData("Pacific/Kiritimati")]
    [InlineData("Etc/GMT+12")]
    [InlineData("Asia/Kathmandu")]
    [InlineData("UTC")]
    public async Task The_sums_are_those_of_the_requests(string zone)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await app.LivesInAsync("Maya", zone, Long);
        var (from, until) = new Month(2026, 5).In(TimeZoneInfo.FindSystemTimeZoneById(zone));
        var random = new Random(5);
        var user = await app.UserAsync("Maya");
        var values = Enumerable.Range(0, 600).Select(i => string.Create(CultureInfo.InvariantCulture, $"""
            ('Answer', {random.Next(1, 9)}, {2_000_000 + i}, {user.Id}, 1, 'Allowance', 'm{random.Next(3)}', {from.AddHours(random.Next(-24, 33 * 24)).ToUnixTimeMilliseconds()}, 1, 'stop', {random.Next(100)}, {random.Next(9)}, 0, {(random.Next(4) == 0 ? "NULL" : random.Next(5_000))})
            """));
        await app.SqlAsync($"""
            INSERT INTO Completions (Kind, ChatId, MessageId, UserId, Attempt, Payer, Model, StartedAt, FinishedAt, Outcome, PromptTokens, CompletionTokens, IsEstimate, CostMicros)
            VALUES {string.Join(',', values)}
            """);
        var mine = await app.ReadAsync(db => db.Completions.AsNoTracking().Where(c => c.UserId == user.Id && c.StartedAt >= from && c.StartedAt < until).ToListAsync());
        Assert.InRange(mine.Count, 100, 599);

        var report = await app.ReportAsync("Maya", new Month(2026, 5));

        Assert.Equal((mine.Count, mine.Sum(c => c.CostMicros ?? 0), mine.Sum(c => c.PromptTokens ?? 0), mine.Count(c => c.CostMicros is null)),
            (report.Total.Answers, report.Total.Micros, report.Total.Prompt, report.Total.Unknown));
        Assert.Equal(report.Total, report.Days.Aggregate((a, b) => a + b));
        Assert.Equal(report.Total, report.Models.Select(m => m.Figures).Aggregate((a, b) => a + b));
        Assert.Equal(report.Total, report.Chats.Select(c => c.Figures).Aggregate((a, b) => a + b));
        Assert.Equal(mine.GroupBy(c => c.ChatId).Select(g => g.Sum(c => c.CostMicros ?? 0)).OrderDescending(), report.Chats.Select(c => c.Figures.Micros));
    }

    [Fact]
    public async Task What_was_asked_before_there_were_sums_is_in_them()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await app.LivesInAsync("Maya", "UTC", Long);
        await app.UseAsync("Maya", At("2026-05-14T10:00Z"), cost: 10_000);
        await app.UseAsync("Maya", At("2026-05-14T11:00Z"), cost: null, isEstimate: true);
        var before = await app.ReportAsync("Maya", new Month(2026, 5));
        // As if that migration had not been there yet.
        await app.SqlAsync("""
            DROP TRIGGER "Completions_insert_usage"; DROP TRIGGER "Completions_update_usage"; DROP TRIGGER "Completions_delete_usage";
            DROP TABLE "UsageQuarters"; DROP TABLE "UsageChats"; DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" = '20261121190000_Usage';
            """);
        await app.ReadAsync(async db =>
        {
            await db.Database.MigrateAsync();
            return true;
        });

        var after = await app.ReportAsync("Maya", new Month(2026, 5));
        Assert.Equal((2, 10_000, 1, 1), (after.Total.Answers, after.Total.Micros, after.Total.Unknown, after.Total.Estimates));
        Assert.Equal((before.Total, before.Chats[0].Figures), (after.Total, after.Chats[0].Figures));
    }

    [Fact]
    public async Task An_unknown_price_is_never_zero_and_an_estimate_says_so()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: null, model: "llama");
        var page = await maya.GetAsync("/usage");
        Assert.EndsWith("|unknown", Assert.Single(Rows(page, "by model")));
        Assert.Contains("1 answer in ", page.Document.QuerySelector("h1")!.TextContent);
        Assert.Contains("at unknown prices", page.Document.QuerySelector("h1")!.TextContent);

        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: 20_000, isEstimate: true, model: "luna");
        page = await maya.GetAsync("/usage");
        Assert.EndsWith("|about $0.02", Rows(page, "by model")[0]);
        Assert.StartsWith("about $0.02 and 1 unknown", page.Document.QuerySelectorAll(".facts dd")[3].TextContent);
        Assert.Contains("They are estimated here", page.Text);
        Assert.Contains("is not known here", page.Text);
    }

    [Fact]
    public async Task There_are_pages_from_the_month_of_the_account_to_the_present_one()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var present = Month.Of(app.Time.GetUtcNow(), TimeZoneInfo.Utc);
        await app.LivesInAsync("Maya", "UTC", app.Time.GetUtcNow().AddMonths(-2));
        foreach (var nonsense in new[] { "nonsense", "2026-13", "2026-5", "0000-01", "9999-12", present.Next.ToString(), present.Previous.Previous.Previous.ToString(), "2026-05' OR 1=1" })
        {
            Assert.Equal(404, (await maya.GetAsync("/usage?month=" + Uri.EscapeDataString(nonsense))).Status);
            Assert.Equal(404, (await maya.GetAsync("/usage.csv?month=" + Uri.EscapeDataString(nonsense))).Status);
        }

        var now = await maya.GetAsync("/usage");
        Assert.Null(now.Document.QuerySelector(".months a[rel=next]"));
        Assert.Equal($"/usage?month={present.Previous}", now.Document.QuerySelector(".months a[rel=prev]")!.GetAttribute("href"));
        var oldest = await maya.GetAsync($"/usage?month={present.Previous.Previous}");
        Assert.Equal(200, oldest.Status);
        Assert.Null(oldest.Document.QuerySelector(".months a[rel=prev]"));
        Assert.NotNull(oldest.Document.QuerySelector(".months a[rel=next]"));
        Assert.Contains("No answer was written", oldest.Text);
        Assert.Null(oldest.Document.QuerySelector("svg"));
    }

    [Fact]
    public async Task On_ones_own_key_the_page_says_nothing_of_plans_and_all_of_titles()
    {
        await using var app = await TestApp.StartAsync("Billing:Provider=none", "SignUp:Mode=open");
        using var maya = await app.SignInAsAsync("Maya");
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: 20_000, payer: "Operator");
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: 30_000, payer: "Operator", kind: "Title");

        var page = await maya.GetAsync("/usage");

        Assert.Contains("Titles, summaries and failures|0|100|20|$0.03", Rows(page, "by model"));
        Assert.StartsWith("$0.05 in ", page.Document.QuerySelector("h1")!.TextContent);
        Assert.DoesNotContain("credit", page.Document.QuerySelector(".facts")!.TextContent);
        Assert.NotNull((await maya.GetAsync("/chats")).Document.QuerySelector(".rail a[href='/usage']"));
    }

    [Fact]
    public async Task Titles_on_the_operators_account_are_not_the_persons()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: 30_000, payer: "Operator", kind: "Title");

        Assert.Contains("No answer was written", (await maya.GetAsync("/usage")).Text);
        Assert.DoesNotContain("title,", (await maya.GetAsync("/usage.csv")).Text[100..]);
    }

    [Fact]
    public async Task What_is_under_way_and_what_brought_no_answer_costs_the_person_nothing()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: 20_000);
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: 30_000, payer: "Operator", outcome: "failed");
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: 40_000, payer: "Operator", outcome: "interrupted");
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: 50_000, model: "running");
        await app.SqlAsync("UPDATE Completions SET FinishedAt = NULL, Outcome = NULL WHERE Model = 'running'");

        var row = Assert.Single(Rows(await maya.GetAsync("/usage"), "by chat"));
        Assert.EndsWith("|1|100|20|$0.02", row);
        Assert.Equal(2, (await maya.GetAsync("/usage.csv")).Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_real_answer_is_on_the_page_when_it_is_done()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartChatAsync("About bread"));

        var row = Assert.Single(Rows(await maya.GetAsync("/usage"), "by chat"));
        Assert.StartsWith("About bread|1|", row);
    }

    internal static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

    /// <summary>The rows of a table, by a word of its caption.</summary>
    internal static List<string> Rows(Answer page, string caption)
    {
        var table = page.Document.QuerySelectorAll("table").Single(t => t.QuerySelector("caption")!.TextContent.EndsWith(caption, StringComparison.Ordinal));
        return [.. table.QuerySelectorAll("tbody tr").Select(row => string.Join('|', row.Children.Select(Text)))];
    }

    private static string Text(IElement cell) => Regex.Replace(cell.TextContent, @"\s+", " ").Trim();
}
