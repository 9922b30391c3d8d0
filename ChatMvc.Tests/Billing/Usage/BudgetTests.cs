using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace ChatMvc.Tests.Billing.Usage;

/// <summary>The budget that a person sets for a month, on the page that shows how far it has gone.</summary>
public sealed class BudgetTests
{
    [Theory]
    [InlineData("5", 5_000_000L)]
    [InlineData(" $5 ", 5_000_000L)]
    [InlineData("5.00", 5_000_000L)]
    [InlineData("5,00", 5_000_000L)]
    [InlineData("7,5", 7_500_000L)]
    [InlineData("1,000", 1_000_000_000L)]
    [InlineData("1,234.56 USD", 1_234_560_000L)]
    [InlineData("0", 0L)]
    [InlineData("100000", 100_000_000_000L)]
    [InlineData("", null)]
    [InlineData("   ", null)]
    public async Task It_is_taken_as_people_type_it(string typed, long? micros)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");

        var saved = await SaveAsync(maya, typed);

        Assert.Equal((303, "/usage?notice=budget#budget"), (saved.Status, saved.Location));
        Assert.Equal(micros, (await app.UserAsync("Maya")).MonthlyBudgetMicros);
        Assert.Equal("Your budget is saved.", (await maya.GetAsync("/usage?notice=budget")).Notice("info"));
    }

    [Theory]
    [InlineData("five", "Type an amount")]
    [InlineData("-5", "Type an amount")]
    [InlineData("1.000", "Type an amount")]
    [InlineData("0.001", "Type an amount")]
    [InlineData("1e9", "Type an amount")]
    [InlineData("٥", "Type an amount")]
    [InlineData("100000.01", "100,000 dollars at most")]
    [InlineData("999999999999", "100,000 dollars at most")]
    [InlineData("999999999999999999999999999999999999999", "Type an amount")]
    public async Task What_is_no_amount_stays_in_its_field(string typed, string why)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await SaveAsync(maya, "3");

        var refused = await SaveAsync(maya, typed);

        Assert.Equal(422, refused.Status);
        Assert.Contains(why, refused.Notice("error"));
        Assert.Equal(typed, refused.Document.QuerySelector("[name=budget]")!.GetAttribute("value"));
        Assert.Equal(3_000_000, (await app.UserAsync("Maya")).MonthlyBudgetMicros);
        var part = await maya.SubmitByHtmxAsync(await FormAsync(maya), ("budget", typed));
        Assert.Equal(422, part.Status);
        Assert.DoesNotContain("<html", part.Text);
    }

    [Theory]
    [InlineData(3_900_000, "$3.90 of $5.00 used, 78 %", null)]
    [InlineData(4_000_000, "$4.00 of $5.00 used, 80 %", "nearly used up")]
    [InlineData(4_999_999, "$4.99 of $5.00 used, 99 %", "nearly used up")]
    [InlineData(5_000_000, "$5.00 of $5.00 used, 100 %", "is used up. Nothing more is sent")]
    [InlineData(6_200_000, "$6.20 of $5.00 used, 124 %", "is used up. Nothing more is sent")]
    public async Task The_page_says_how_far_it_has_gone(long used, string words, string? notice)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await SaveAsync(maya, "5");
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: used);

        var page = await maya.GetAsync("/usage");

        Assert.Equal(words, page.Document.QuerySelector(".budget-use span")!.TextContent);
        if (notice is null) Assert.Null(page.Notice("budget"));
        else Assert.Contains(notice, page.Notice("budget"));
        Assert.Equal("5.00", page.Document.QuerySelector("[name=budget]")!.GetAttribute("value"));
    }

    [Fact]
    public async Task Nothing_at_all_is_a_budget_too()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await SaveAsync(maya, "0");

        Assert.Contains("is used up", (await maya.GetAsync("/usage")).Notice("budget"));
    }

    private static async Task<Answer> SaveAsync(Visitor visitor, string budget) => await visitor.SubmitAsync(await FormAsync(visitor), ("budget", budget));

    private static async Task<IHtmlFormElement> FormAsync(Visitor visitor) =>
        (await visitor.GetAsync("/usage")).Document.QuerySelector<IHtmlFormElement>("form:has([name=budget])")!;
}
