using System.Globalization;
using System.Text;
using ChatMvc.Billing.Usage;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing.Usage;

/// <summary>A month as a file for spreadsheets.</summary>
public sealed class UsageFileTests
{
    private static readonly DateTimeOffset Long = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task It_has_one_line_for_each_request_in_the_persons_time()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        await app.LivesInAsync("Maya", "Asia/Kathmandu", Long);
        await app.UseAsync("Maya", UsagePageTests.At("2026-05-12T10:00:07Z"), cost: 31, payer: "Credit", charged: 62, isEstimate: true);
        await app.UseAsync("Maya", UsagePageTests.At("2026-05-13T10:00:07Z"), cost: null, model: "llama");
        await app.UseAsync("Noor", UsagePageTests.At("2026-05-13T10:00:07Z"));

        var file = await maya.GetAsync("/usage.csv?month=2026-05");

        Assert.Equal(200, file.Status);
        Assert.Equal("attachment; filename=usage-2026-05.csv", file.Header("Content-Disposition") ?? (await DispositionAsync(maya)));
        Assert.Equal("""
            time,chat,model,kind,outcome,paid by,tokens in,cached,cache-written,tokens out,reasoning,cost USD,estimate
            2026-05-12T15:45:07+05:45,Deleted chat,gpt-6-luna,answer,stop,credit,100,10,0,20,5,0.000062,yes
            2026-05-13T15:45:07+05:45,Deleted chat,llama,answer,stop,allowance,100,10,0,20,5,unknown,no

            """.ReplaceLineEndings("\r\n"), file.Text.TrimStart('\uFEFF'));
        Assert.Equal(Encoding.UTF8.GetPreamble(), (await maya.Http.GetByteArrayAsync("/usage.csv?month=2026-05"))[..3]);
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("  =1+1", "'  =1+1")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("=HYPERLINK(\"https://example.org\",\"x\")", "\"'=HYPERLINK(\"\"https://example.org\"\",\"\"x\"\")\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("Bread – Brot", "Bread – Brot")]
    [InlineData("", "")]
    public void A_title_is_never_a_formula(string title, string field) => Assert.Equal(field, UsageFile.Field(title));

    [Fact]
    public async Task A_title_that_is_a_formula_arrives_as_text()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartChatAsync("Sums"));
        // By a person's hand: no model names it anew.
        await app.SqlAsync("UPDATE Chats SET Title = '=cmd|'' /C calc''!A0', TitleSource = 'Person'");

        Assert.Contains(",'=cmd|' /C calc'!A0,", (await maya.GetAsync("/usage.csv")).Text);
    }

    [Fact]
    public async Task A_long_month_is_there_whole_and_once()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var user = await app.UserAsync("Maya");
        // Two at each moment, and the pieces in which it is read end between them.
        var start = Month.Of(app.Time.GetUtcNow(), TimeZoneInfo.Utc).In(TimeZoneInfo.Utc).From.ToUnixTimeMilliseconds();
        await app.SqlAsync(string.Create(CultureInfo.InvariantCulture, $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2501)
            INSERT INTO Completions (Kind, ChatId, MessageId, UserId, Attempt, Payer, Model, StartedAt, FinishedAt, Outcome, PromptTokens, IsEstimate, CostMicros)
            SELECT 'Answer', 1, 5000000 + i, {user.Id}, 1, 'Allowance', 'm', {start} + i / 2 * 1000, 1, 'stop', i, 0, 5 FROM n
            """));

        var lines = (await maya.GetAsync("/usage.csv")).Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..];

        Assert.Equal(Enumerable.Range(1, 2501), lines.Select(l => int.Parse(l.Split(',')[6], CultureInfo.InvariantCulture)));
        Assert.Equal(2501, (await app.ReportAsync("Maya", Month.Of(app.Time.GetUtcNow(), TimeZoneInfo.Utc))).Total.Answers);
    }

    private static async Task<string?> DispositionAsync(Visitor visitor)
    {
        using var response = await visitor.Http.GetAsync("/usage.csv?month=2026-05", HttpCompletionOption.ResponseHeadersRead);
        return response.Content.Headers.ContentDisposition?.ToString();
    }
}
