using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>One's own account by keyboard alone, with scripts and without.</summary>
public sealed class AccountJourneyTests(Chromium chromium) : BrowserTest(chromium)
{
    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Name_colours_number_and_the_account_itself_are_changed_by_keyboard(bool scripts)
    {
        // The browser's own advice on fields of a password.
        MayComplain("[DOM]");
        var page = await SignedInAsync("Maya", scripts: scripts);
        await page.GotoAsync("/chats");
        await PressAsync(page.GetByRole(AriaRole.Link, new() { Name = "Account", Exact = true }));
        await page.ArrivesAtAsync("**/account");
        await page.GetByLabel("Name").FocusAsync();
        await page.Keyboard.TypeAsync("Maya of the Hill");
        await page.GetByLabel("Colours").SelectOptionAsync("dark");
        await page.GetByLabel("Name").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Your changes are saved.");
        await Expect(page.GetByLabel("Name")).ToHaveValueAsync("Maya of the Hill");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");

        await PressAsync(page.GetByRole(AriaRole.Link, new() { Name = "Change your phone number" }));
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Send me the code" }));
        await TypeCodeAsync(page);
        await Expect(page.GetByLabel("New phone number")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(TestApp.PhoneOf("Maya elsewhere"));
        await page.Keyboard.PressAsync("Enter");
        await page.ArrivesAtAsync("**/account/number/code");
        await TypeCodeAsync(page);
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Your phone number is changed.");
        await Expect(page.Locator("main")).ToContainTextAsync(TestApp.PhoneOf("Maya elsewhere"));

        await PressAsync(page.GetByRole(AriaRole.Link, new() { Name = "Delete your account" }));
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "Send me the code" }));
        await TypeCodeAsync(page);
        await page.ArrivesAtAsync("**/?notice=deleted");
        await Expect(page.Locator("[data-notice=info]")).ToContainTextAsync("Your account is deleted.");
        await page.GotoAsync("/account");
        await page.ArrivesAtAsync("**/signin?returnUrl=%2Faccount");
    }

    private static async Task PressAsync(ILocator element)
    {
        await element.FocusAsync();
        await element.PressAsync("Enter");
    }

    private static async Task TypeCodeAsync(IPage page)
    {
        var code = await page.Locator("#sandbox-code").TextContentAsync() ?? "";
        await page.GetByLabel("Code").FocusAsync();
        await page.Keyboard.TypeAsync(code);
        await page.Keyboard.PressAsync("Enter");
    }
}
