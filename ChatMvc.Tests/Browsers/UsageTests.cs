using ChatMvc.Tests.Billing.Usage;
using ChatMvc.Tests.Chats;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>What was used and what it cost, as it is seen: the month's page, and an answer's details in its room.</summary>
public sealed class UsageTests(Chromium chromium) : RichRoomTest(chromium)
{
    [BrowserTheory]
    [InlineData(ColorScheme.Light, false)]
    [InlineData(ColorScheme.Dark, true)]
    public async Task A_full_page_passes_the_checks_for_accessibility_and_fits(ColorScheme scheme, bool onPhone)
    {
        MayComplain("status of 422");
        var page = await RichRoomAsync(onPhone ? Phone : Desk, scheme);
        await FillAsync();
        await page.GotoAsync("/usage");
        await page.GetByText("Day by day").ClickAsync();
        await PassesAsync(page);
        await FitsAsync(page, null);
        await page.GetByLabel("US dollars a month").FillAsync("five");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.Locator("#budget-error")).ToBeVisibleAsync();
        await PassesAsync(page);
        await page.GetByLabel("US dollars a month").FillAsync("3");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Your budget is saved.")).ToBeVisibleAsync();
        await PassesAsync(page);
    }

    [BrowserFact]
    public async Task In_the_room_an_answers_details_come_and_go_by_its_time()
    {
        var page = await RichRoomAsync(Desk);
        var time = page.LastAnswer.Locator(".message-time");
        await time.ClickAsync();
        await Expect(page.LastAnswer.Locator(".receipt")).ToContainTextAsync("Tokens in");
        await Expect(time).ToHaveAttributeAsync("aria-expanded", "true");
        await PassesAsync(page);
        await time.PressAsync("Enter");
        await Expect(page.LastAnswer.Locator(".receipt")).ToHaveCountAsync(0);
        await Expect(time).ToHaveAttributeAsync("aria-expanded", "false");
    }

    [BrowserFact]
    public async Task Without_scripts_the_same_press_leads_to_its_page()
    {
        var page = await SignedInAsync("Maya", scripts: false);
        await AskAsync(page, "Tell me");
        await page.LastAnswer.Locator(".message-time").ClickAsync();
        await page.ArrivesAtAsync("**/messages/*");
        await Expect(page.Locator(".receipt")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task In_the_readers_own_colours_the_columns_are_drawn_in_the_colour_of_text()
    {
        var page = await SignedInAsync("Maya", forced: ForcedColors.Active);
        await FillAsync();
        await page.GotoAsync("/usage");
        Assert.Equal(await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('h1')).color"),
            await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('.day-chart rect')).fill"));
    }

    private async Task FillAsync()
    {
        var now = App.Time.GetUtcNow();
        await App.LivesInAsync("Maya", "UTC", now.AddMonths(-3));
        var chat = (await App.MessagesAsync()).FirstOrDefault()?.ChatId ?? 1;
        for (var day = 0; day < now.Day; day++)
            await App.UseAsync("Maya", now.AddDays(-day), cost: 40_000 + day * day % 13 * 21_000, chatId: chat + day % 3, model: day % 4 == 0 ? "gpt-6.1-sol" : "gpt-6-luna", isEstimate: day == 3, prompt: 41_000, output: 3_000);
        await App.UseAsync("Maya", now, cost: null, chatId: chat, model: "meta-llama-3.3-70b-instruct-turbo");
    }
}
