using ChatMvc.Sandbox;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>Whoever waits for a code sees how far it came, without pressing anything.</summary>
public sealed class DeliveryTests(Chromium chromium) : BrowserTest(chromium)
{
    [BrowserFact]
    public async Task A_refusal_of_the_carrier_comes_to_the_open_page_and_what_was_typed_stays()
    {
        App.Services.GetRequiredService<SandboxTwilio>().Behaviour = new() { Report = TwilioReport.Undelivered, ReportCode = 30007, ReportDelayMs = 1_000 };
        var page = await StrangerAsync(Phone);
        await page.GotoAsync("/signin");
        await page.Locator("#phone").FillAsync("+1 212 555 0101");
        await page.Locator("form button").ClickAsync();
        await page.ArrivesAtAsync("**/signin/code*");
        await Expect(page.Locator(".check-again")).ToBeVisibleAsync();
        await page.Locator("#code").FillAsync("12");
        await Expect(page.Locator("#delivery")).ToContainTextAsync("spam");
        await Expect(page.Locator(".check-again")).ToBeHiddenAsync();
        await Expect(page.Locator("#code")).ToHaveValueAsync("12");
        await PassesAsync(page);
    }
}
