using AngleSharp.Dom;
using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Tests.Billing.Stripe;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Billing;

/// <summary>The page of one's plan: the ways to pay, and what moved the credit.</summary>
public sealed class PlanPageTests
{
    [Fact]
    public async Task The_ways_to_pay_are_compared_with_Stripes_own_price()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await Rooms.EventuallyAsync(
            async () => (await maya.GetAsync("/billing")).Document.QuerySelector(".ways table")!.TextContent.Contains("$20.00 a month", StringComparison.Ordinal), "the price is told");
        var page = await maya.GetAsync("/billing");
        Assert.Equal("$0.00", page.Document.QuerySelector("#credit-balance")!.TextContent);
        Assert.Contains("Nothing yet.", page.Document.QuerySelector("#statement")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_is_one_line_and_what_was_given_back_is_none()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=0");
        using var maya = await app.SignInAsAsync("Maya");
        using var ben = await app.SignInAsAsync("Ben");
        await app.CreditAsync("Maya", 5);
        app.OpenAI.Behaviour = new() { Text = "Half of it.", CutAfterTokens = 1, FirstTokenDelayMs = 0, TokenDelayMs = 0, Times = 1 };
        await maya.LastAnswerAsync(await maya.StartChatAsync("Break"));
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(1_000, 100), FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("What does it cost?");
        await maya.LastAnswerAsync(chat);

        var rows = await RowsAsync(maya, "/billing");
        Assert.Equal(["−$0.00015", "+$5.00"], rows.Select(r => r.QuerySelector("td.figure")!.TextContent));
        Assert.StartsWith($"{chat}/messages/", rows[0].QuerySelector("a")!.GetAttribute("href"), StringComparison.Ordinal);
        Assert.Equal("$4.99985", (await maya.GetAsync("/billing")).Document.QuerySelector("#credit-balance")!.TextContent);
        Assert.Empty(await RowsAsync(ben, "/billing"));
    }

    [Fact]
    public async Task Older_lines_stand_on_pages_of_their_own_each_once()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        for (var i = 1; i <= 60; i++) await app.CreditAsync("Maya", i);

        var seen = new List<string>();
        var (url, pages) = ("/billing", 0);
        while (url is not null)
        {
            var page = await maya.GetAsync(url);
            seen.AddRange(page.Document.QuerySelectorAll(".ledger tbody td.figure").Select(c => c.TextContent));
            url = page.Document.QuerySelectorAll("#statement a").SingleOrDefault(a => a.TextContent == "Earlier")?.GetAttribute("href");
            pages++;
        }
        Assert.Equal(3, pages);
        Assert.Equal(Enumerable.Range(1, 60).Reverse().Select(i => $"+${i}.00"), seen);
        Assert.Equal(200, (await maya.GetAsync("/billing?before=1")).Status);
    }

    [Fact]
    public async Task Below_zero_after_a_payment_was_taken_back_credit_pays_for_nothing()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=0");
        using var maya = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 5);
        await app.WriteAsync(async (db, books) => await books.BookAsync(db, await db.Users.Select(u => u.Id).SingleAsync(), LedgerKind.Dispute, -Usd.OfCents(600), "dp_1", "Your bank took this payment back"));

        Assert.Equal("−$1.00", (await maya.GetAsync("/billing")).Document.QuerySelector("#credit-balance")!.TextContent);
        var refused = await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "One"));
        Assert.Equal((429, "One"), (refused.Status, refused.Typed));
        Assert.Equal(0, app.OpenAI.Calls.Answers);
    }

    [Fact]
    public async Task A_payment_links_its_receipt()
    {
        await using var app = await TestApp.StartAsync();
        var (maya, _) = await app.ToppedUpAsync();
        using var person = maya;

        var row = Assert.Single(await RowsAsync(maya, "/billing"));
        Assert.Contains("/receipt/ch_", row.QuerySelector("a.receipt")?.GetAttribute("href") ?? row.OuterHtml, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<IElement>> RowsAsync(Visitor person, string url) =>
        [.. (await person.GetAsync(url)).Document.QuerySelectorAll(".ledger tbody tr")];
}
