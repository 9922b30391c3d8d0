using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>What is not taken says so beside the box, and what was typed stays in it.</summary>
public sealed class RefusalTests(Chromium chromium) : BrowserTest(chromium)
{
    protected override string[] Settings => ["Limits:BasicMessages=1"];

    [BrowserFact]
    public async Task Over_the_limit_the_room_says_so_and_keeps_the_text()
    {
        MayComplain("status of 429");
        App.OpenAI.WillAnswer("First answer.");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        await Expect(page.Locator("#allowance")).ToContainTextAsync("0 of 1");

        await page.Box.FillAsync("A second one");
        await page.Box.PressAsync("Enter");

        var notice = page.Locator("[data-notice=limit]");
        await Expect(notice).ToContainTextAsync("Your free message is used. The next one comes back");
        await Expect(notice.Locator("a[href='/billing']")).ToBeVisibleAsync();
        await Expect(page.Box).ToHaveValueAsync("A second one");
        await Expect(page.Box).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(", then");
        await Expect(page.Box).ToHaveValueAsync("A second one, then");
        await Expect(page.Answers).ToHaveCountAsync(1);
        await PassesAsync(page);
    }

    [BrowserFact]
    public async Task Over_the_limit_the_page_of_a_new_chat_says_so_and_keeps_the_text()
    {
        MayComplain("status of 429");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        await page.GotoAsync("/chats");

        await page.Box.FillAsync("A second one");
        await page.Box.PressAsync("Enter");

        await Expect(page.Locator("[data-notice=limit]")).ToBeVisibleAsync();
        await Expect(page.Box).ToHaveValueAsync("A second one");
        await Expect(page.Locator(".rail-chats a")).ToHaveCountAsync(1);
        await PassesAsync(page);
    }

    [BrowserFact]
    public async Task A_form_that_was_open_too_long_comes_back_with_the_text_and_can_be_sent()
    {
        MayComplain("status of 400");
        App.OpenAI.WillFail(400, times: 1);
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("failed");
        App.OpenAI.WillAnswer("Second answer.");
        await page.EvaluateAsync("document.querySelector('#compose [name=__RequestVerificationToken]').value = 'old'");

        await page.Box.FillAsync("Typed long ago");
        await page.Box.PressAsync("Enter");

        await Expect(page.Locator("[data-notice=error]")).ToContainTextAsync("open too long");
        await Expect(page.GetByLabel("Your message")).ToHaveValueAsync("Typed long ago");
        await PassesAsync(page);
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await page.ArrivesAtAsync("**/chats/*");
        await Expect(page.LastText).ToHaveTextAsync("Second answer.");
    }

    [BrowserFact]
    public async Task A_server_that_cannot_be_reached_is_told_and_the_text_stays()
    {
        MayComplain("net::ERR_FAILED");
        MayComplain("Failed to fetch");
        App.OpenAI.WillFail(400, times: 1);
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("failed");
        await page.RouteAsync("**/messages", route => route.AbortAsync());

        await page.Box.FillAsync("Into the void");
        await page.Box.PressAsync("Enter");

        await Expect(page.Locator("[data-notice=error]")).ToContainTextAsync("cannot be reached");
        await Expect(page.Box).ToHaveValueAsync("Into the void");
        // What stood on the page at once is taken back.
        await Expect(page.Locator("article[data-role=user]")).ToHaveCountAsync(1);
        await page.UnrouteAllAsync();
        App.OpenAI.WillAnswer("Here.");
        await page.Box.PressAsync("Enter");
        await Expect(page.LastText).ToHaveTextAsync("Here.");
        await Expect(page.Locator("[data-notice=error]")).ToHaveCountAsync(0);
    }
}
