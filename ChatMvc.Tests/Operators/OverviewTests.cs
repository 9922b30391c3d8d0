using System.Globalization;
using AngleSharp.Dom;
using ChatMvc.Jobs;
using ChatMvc.Operators.Overview;
using ChatMvc.Operators.State;
using ChatMvc.Tests.Chats;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Operators;

/// <summary>What an operator sees first: figures, and alarms in words.</summary>
public sealed class OverviewTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await Ops.StartAsync("Ceilings:ServerPerDay=0.01", "OpenAI:MaxAnswerTokens=1000");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task The_figures_are_those_of_people_answers_and_money()
    {
        using var olga = await app.SignInAsOperatorAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "Bread is good.", Usage = new(10, 1_000), FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("What is bread?");
        await maya.LastAnswerAsync(chat);
        await Rooms.EventuallyAsync(() => app.ReadAsync(db => Task.FromResult(db.Completions.Count(c => c.FinishedAt != null) == 2)), "the chat has its title");
        var hold = app.OpenAI.WillHoldAfter(0);
        await maya.SayAsync(chat, "And butter?");
        await maya.AnswerInStateAsync(chat, "streaming");

        var page = await olga.GetAsync("/ops");

        Assert.Equal("2", Figure(page, "people"));
        Assert.Equal("1 running", Figure(page, "answers"));
        // The answer and its title.
        Assert.InRange(int.Parse(Figure(page, "tokens"), NumberStyles.AllowThousands, CultureInfo.InvariantCulture), 1_011, 3_000);
        Assert.StartsWith("$0.00", Figure(page, "spent"), StringComparison.Ordinal);
        Assert.Contains("of $0.01", Text(page, "spent"), StringComparison.Ordinal);
        Assert.Equal("2 of 500", Figure(page, "sms"));
        Assert.Contains("100 % of the codes were used", Text(page, "sms"), StringComparison.Ordinal);
        Assert.EndsWith("of 10,000", Figure(page, "requests-left"), StringComparison.Ordinal);
        Assert.Matches(@"^[\d,.]+ [kMG]B$", Figure(page, "database"));
        Assert.Equal("none", Figure(page, "backup"));
        Assert.DoesNotContain("bread", page.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("butter", page.Text, StringComparison.OrdinalIgnoreCase);
        hold.SetResult();
    }

    [Fact]
    public async Task The_figures_renew_themselves_every_ten_seconds()
    {
        using var olga = await app.SignInAsOperatorAsync();
        var region = (await olga.GetAsync("/ops")).Document.QuerySelector("#figures")!;
        Assert.Equal(("/ops", "every 10s", "#figures"), (region.GetAttribute("hx-get"), region.GetAttribute("hx-trigger"), region.GetAttribute("hx-select")));
        var again = await olga.GetAsync("/ops", ("HX-Request", "true"));
        Assert.NotNull(again.Document.QuerySelector("#figures [data-figure=people]"));
    }

    [Theory]
    [InlineData("key", "KeyRefused", 401, null)]
    [InlineData("quota", "QuotaUsed", 429, "insufficient_quota")]
    public async Task A_refused_key_and_a_used_up_account_are_told_until_an_answer_comes(string alarm, string failure, int status, string? type)
    {
        using var olga = await app.SignInAsOperatorAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillFail(status, times: 1, errorType: type);
        var chat = await maya.StartChatAsync("Hello");
        Assert.Equal("failed", (await maya.LastAnswerAsync(chat)).State());

        var page = await olga.GetAsync("/ops");
        Assert.Contains(alarm, Alarms(page));
        Assert.Equal("1", page.Document.QuerySelector($"[data-failure={failure}] .number")!.TextContent);
        Assert.Equal("/ops/settings", page.Document.QuerySelector($"[data-alarm={alarm}] a")!.GetAttribute("href"));

        app.OpenAI.WillAnswer("Here it is.");
        Assert.Equal(303, (await maya.SayAsync(chat, "And now?")).Status);
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());
        page = await olga.GetAsync("/ops");
        Assert.DoesNotContain(alarm, Alarms(page));
        Assert.NotNull(page.Document.QuerySelector($"[data-failure={failure}]"));
        app.Time.Advance(TimeSpan.FromHours(1));
        Assert.Null((await olga.GetAsync("/ops")).Document.QuerySelector("[data-failure]"));
    }

    [Fact]
    public async Task Parked_and_failed_webhooks_are_told_with_the_way_to_them()
    {
        using var olga = await app.SignInAsOperatorAsync();
        Assert.Empty(Alarms(await olga.GetAsync("/ops")).Intersect(["parked", "failed"]));
        await app.StuckAsync("evt_1", "Parked");
        await app.StuckAsync("evt_2", "Failed");
        var page = await olga.GetAsync("/ops");
        Assert.Equal(["parked", "failed"], Alarms(page).Intersect(["parked", "failed"]));
        Assert.All(["parked", "failed"], alarm => Assert.Equal("/ops/inbox", page.Document.QuerySelector($"[data-alarm={alarm}] a")!.GetAttribute("href")));
        Assert.Contains("1 parked, 1 failed", Text(page, "webhooks"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_backup_for_two_days_is_told_also_where_there_never_was_one()
    {
        using (var olga = await app.SignInAsOperatorAsync()) Assert.DoesNotContain("backup", Alarms(await olga.GetAsync("/ops")));
        app.Time.Advance(TimeSpan.FromDays(2));
        using var later = await app.SignInAsOperatorAsync();
        Assert.Contains("backup", Alarms(await later.GetAsync("/ops")));
        await BackedUpAsync(app.Time.GetUtcNow() - TimeSpan.FromHours(47));
        var page = await later.GetAsync("/ops");
        Assert.DoesNotContain("backup", Alarms(page));
        Assert.Contains("1.5 MB, /var/backups/a copy.db", Text(page, "backup"), StringComparison.Ordinal);
        await BackedUpAsync(app.Time.GetUtcNow() - TimeSpan.FromHours(48));
        Assert.Contains("backup", Alarms(await later.GetAsync("/ops")));
    }

    [Fact]
    public async Task Many_unused_codes_and_a_cap_nearly_used_are_told()
    {
        using var olga = await app.SignInAsOperatorAsync();
        await UnusedCodesAsync(18);
        Assert.DoesNotContain("pumping", Alarms(await olga.GetAsync("/ops")));
        await UnusedCodesAsync(1);
        var page = await olga.GetAsync("/ops");
        Assert.Contains("pumping", Alarms(page));
        Assert.DoesNotContain("sms", Alarms(page));
        await UnusedCodesAsync(330);
        Assert.Contains("sms", Alarms(await olga.GetAsync("/ops")));
    }

    [Fact]
    public async Task A_clock_that_is_off_is_told()
    {
        using var olga = await app.SignInAsOperatorAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartChatAsync("Hello"));
        Assert.DoesNotContain("clock", Alarms(await olga.GetAsync("/ops")));
        app.Time.Advance(TimeSpan.FromMinutes(3));
        await maya.LastAnswerAsync(await maya.StartChatAsync("Hello"));
        Assert.Contains("clock", Alarms(await olga.GetAsync("/ops")));
    }

    [Fact]
    public async Task What_cannot_be_brought_about_here_has_its_alarm_too()
    {
        var now = await FiguresAsync();
        now = now with { Disk = new(50_000_000_000, 100_000_000_000, 1), Jobs = JobFigures.None };
        Assert.Empty(Alarm.Of(now));

        Up("disk", now with { Disk = new(999_999_999, 2_000_000_000, 1) });
        Up("disk", now with { Disk = new(9_000_000_000, 100_000_000_000, 1) });
        Up("ceiling", now with { SpentToday = now.Ceiling.Times(.9m) });
        Up("dead", now with { Jobs = new(0, 0, 0, 1, null) });
        Up("waiting", now with { Jobs = new(0, 1, 0, 0, TimeSpan.FromSeconds(61)) });
        Up("jobs", now with { Jobs = null });
        Assert.Empty(Alarm.Of(now with { Jobs = new(5, 1, 9, 0, TimeSpan.FromSeconds(59)), Disk = new(10_000_000_000, 100_000_000_000, 1), SpentToday = now.Ceiling.Times(.89m) }));

        static void Up(string name, OverviewFigures figures) => Assert.Equal([name], Alarm.Of(figures).Select(a => a.Name));
    }

    private async Task<OverviewFigures> FiguresAsync()
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<OverviewReader>().ReadAsync(CancellationToken.None);
    }

    private async Task BackedUpAsync(DateTimeOffset at) => await app.ReadAsync(async db =>
    {
        await app.Services.GetRequiredService<ServerFacts>().SetAsync(db, ServerFacts.LastBackup, $"{at.ToUnixTimeMilliseconds()} 1500000 /var/backups/a copy.db", _ => { }, CancellationToken.None);
        return true;
    });

    // An hour ago, each with its message.
    private async Task UnusedCodesAsync(int count)
    {
        var at = app.Time.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds();
        var numbers = $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})";
        await app.SqlAsync($"{numbers} INSERT INTO OneTimeCodes (Phone, Purpose, BrowserHash, Address, CodeMac, Attempts, CreatedAt, ExpiresAt) SELECT '+4477009' || (10000 + i), 'SignIn', X'00', '192.0.2.1', X'00', 0, {at} + i, {at} + 300000 FROM n");
        await app.SqlAsync($"{numbers} INSERT INTO SmsMessages (\"To\", State, CreatedAt, Attempts) SELECT '+4477009' || (10000 + i), 'Sent', {at} + i, 1 FROM n");
    }

    private static string Figure(Answer page, string name) => Element(page, name).ChildNodes.First(n => n.TextContent.Trim().Length > 0).TextContent.Trim();

    private static string Text(Answer page, string name) => Element(page, name).TextContent;

    private static IElement Element(Answer page, string name) => page.Document.QuerySelector($"[data-figure='{name}']") ?? throw new InvalidOperationException($"No figure {name} (status {page.Status}):\n{page.Text}");

    private static List<string> Alarms(Answer page) => [.. page.Document.QuerySelectorAll("[data-alarm]").Select(a => a.GetAttribute("data-alarm")!)];
}
