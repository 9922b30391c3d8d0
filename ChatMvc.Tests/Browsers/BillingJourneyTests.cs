using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>From the limit to the till and back, with scripts and without.</summary>
public sealed partial class BillingJourneyTests(Chromium chromium) : BrowserTest(chromium)
{
    protected override string[] Settings => ["Limits:BasicMessages=1"];

    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pro_is_bought_at_the_limit_used_and_given_up(bool scripts)
    {
        MayComplain("status of 429");
        App.OpenAI.WillAnswer("Here it is.");
        var page = await SignedInAsync("Maya", scripts ? Desk : Phone, scripts);
        await SendAsync(page, "First", 1);
        await RefusedAsync(page, "Your free message is used.");

        await page.Locator("[data-notice=limit] a[href='/billing']").ClickAsync();
        await Expect(page.Locator(".ways table")).ToContainTextAsync("Not counted");
        if (scripts) await PassesAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Go Pro" }).ClickAsync();
        await page.ArrivesAtAsync("**/sandbox/stripe/checkout/**");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay $20.00", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You are Pro" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Your plan" }).ClickAsync();
        await Expect(page.Locator("[data-plan=pro]")).ToContainTextAsync("Renews on");
        await ReloadUntilAsync(page, "#invoices");
        await Expect(page.Locator("#invoices")).ToContainTextAsync("Paid");
        if (scripts) await PassesAsync(page);

        await SendAsync(page, "Second", 1);
        await Expect(page.Locator("#allowance .badge")).ToHaveTextAsync("Pro");

        await page.GotoAsync("/billing");
        await page.GetByRole(AriaRole.Button, new() { Name = "Manage your subscription" }).ClickAsync();
        await page.ArrivesAtAsync("**/sandbox/stripe/portal/**");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel now" }).ClickAsync();
        await page.Locator("a[href$='/billing']").ClickAsync();
        await ReloadUntilAsync(page, "[data-plan=basic]");
        await page.GotoAsync("/chats");
        await RefusedAsync(page, "Your free message is used.");
    }

    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Credit_is_added_at_the_limit_and_pays(bool scripts)
    {
        MayComplain("status of 429");
        MayComplain("status of 422");
        App.OpenAI.WillAnswer("Here it is.");
        var page = await SignedInAsync("Maya", scripts ? Phone : Desk, scripts);
        await SendAsync(page, "First", 1);
        await RefusedAsync(page, "Your free message is used.");

        await page.Locator("[data-notice=limit] a[href='/billing']").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add $10.00" }).ClickAsync();
        await page.ArrivesAtAsync("**/sandbox/stripe/checkout/**");
        await page.GetByRole(AriaRole.Button, new() { Name = "Decline" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay $10.00", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your credit is there" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Your plan" }).ClickAsync();
        await Expect(page.Locator("#credit-balance")).ToHaveTextAsync("$10.00");

        await page.GotoAsync("/chats");
        await Expect(page.Locator("#allowance")).ToContainTextAsync("Your credit pays now: $10.00 left");
        await SendAsync(page, "Second", 1);
        await page.GotoAsync("/billing");
        await Expect(page.Locator("#credit-balance")).ToHaveTextAsync(AlmostTen());
        await Expect(page.Locator(".ledger tbody tr").First).ToContainTextAsync("Answer in ");
        await Expect(page.Locator(".ledger tbody tr").Last).ToContainTextAsync("+$10.00");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Receipt" })).ToBeVisibleAsync();
        if (scripts) await PassesAsync(page);
    }

    // In a chat of its own, and until its answer is there.
    private static async Task SendAsync(IPage page, string text, int answers)
    {
        await page.GotoAsync("/chats");
        await page.Box.FillAsync(text);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await page.ArrivesAtAsync("**/chats/*");
        await ReloadUntilAsync(page, $"article[data-role=assistant][data-state=done] >> nth={answers - 1}");
    }

    private static async Task RefusedAsync(IPage page, string words)
    {
        await page.Box.FillAsync("One too many");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.Locator("[data-notice=limit]")).ToContainTextAsync(words);
        await Expect(page.Box).ToHaveValueAsync("One too many");
    }

    // Without scripts a page stays as it came.
    private static async Task ReloadUntilAsync(IPage page, string selector)
    {
        for (var i = 0; i < 40 && await page.Locator(selector).CountAsync() == 0; i++)
        {
            await page.WaitForTimeoutAsync(250);
            await page.ReloadAsync();
        }
        await Expect(page.Locator(selector)).ToBeVisibleAsync();
    }

    [GeneratedRegex(@"^\$9\.9\d+$")]
    private static partial Regex AlmostTen();
}
