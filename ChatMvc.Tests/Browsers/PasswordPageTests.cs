using ChatMvc.Tests.Accounts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>Passwords as people use them: by keyboard, on phones, and without scripts.</summary>
public sealed class PasswordPageTests(Chromium chromium) : BrowserTest(chromium)
{
    private const string Other = "seven green kettles";

    [BrowserTheory]
    [InlineData(false, ColorScheme.Light)]
    [InlineData(true, ColorScheme.Dark)]
    public async Task Each_page_fits_passes_the_checks_for_accessibility_and_works_by_keyboard(bool onPhone, ColorScheme scheme)
    {
        MayComplain("status of 422");
        MayComplain("status of 429");
        // The browser's own advice: autofill of a page with a code and a password.
        MayComplain("[DOM]");
        var viewport = onPhone ? Phone : Desk;
        var page = await SignedInAsync("Noor", viewport, scripts: true, scheme);
        await page.GotoAsync("/account/password");
        await LooksRightAsync(page);
        await page.Keyboard.PressAsync("Tab");
        await page.GetByLabel("New password").FillAsync("short");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#password-error")).ToBeVisibleAsync();
        await LooksRightAsync(page);
        await page.GetByLabel("New password").FillAsync(PasswordApp.Good);
        await page.Keyboard.PressAsync("Enter");
        await page.ArrivesAtAsync("**/account/password?saved=1");
        await LooksRightAsync(page);

        var stranger = await StrangerAsync(viewport, scripts: false, scheme);
        await stranger.GotoAsync("/signin");
        await stranger.GetByRole(AriaRole.Link, new() { Name = "Use a password instead" }).ClickAsync();
        await stranger.ArrivesAtAsync("**/signin/password**");
        await Expect(stranger.GetByLabel("Phone number")).ToBeFocusedAsync();
        await stranger.Keyboard.TypeAsync(TestApp.PhoneOf("Noor"));
        await stranger.Keyboard.PressAsync("Tab");
        await stranger.Keyboard.TypeAsync(PasswordApp.Wrong);
        await stranger.Keyboard.PressAsync("Enter");
        await Expect(stranger.Locator("#password-error")).ToBeVisibleAsync();
        // What is wrong is the password, so typing goes on there.
        await Expect(stranger.GetByLabel("Password")).ToBeFocusedAsync();
        await stranger.Keyboard.TypeAsync(PasswordApp.Good);
        await stranger.Keyboard.PressAsync("Enter");
        await stranger.ArrivesAtAsync("**/chats");

        var forgetful = await StrangerAsync(viewport, scripts: true, scheme);
        await forgetful.GotoAsync("/signin/password");
        await LooksRightAsync(forgetful);
        await forgetful.GetByLabel("Phone number").FillAsync(TestApp.PhoneOf("Noor"));
        for (var i = 0; i < 6; i++)
        {
            await forgetful.GetByLabel("Password").FillAsync(PasswordApp.Wrong);
            var answered = forgetful.WaitForResponseAsync("**/signin/password");
            await forgetful.Keyboard.PressAsync("Enter");
            await answered;
        }
        await Expect(forgetful.Locator(".notice")).ToContainTextAsync("try again in");
        await LooksRightAsync(forgetful);
        await forgetful.GetByRole(AriaRole.Link, new() { Name = "Forgot your password?" }).ClickAsync();
        await LooksRightAsync(forgetful);
        await forgetful.GetByLabel("Phone number").FillAsync(TestApp.PhoneOf("Noor"));
        await forgetful.Keyboard.PressAsync("Enter");
        await forgetful.ArrivesAtAsync("**/password/reset**");
        await LooksRightAsync(forgetful);
        await forgetful.GetByLabel("Code").FillAsync(await forgetful.Locator("#sandbox-code").TextContentAsync() ?? "");
        await forgetful.GetByLabel("New password").FillAsync(Other);
        await forgetful.Keyboard.PressAsync("Enter");
        await forgetful.ArrivesAtAsync("**/chats");
        await page.GotoAsync("/chats");
        await page.ArrivesAtAsync("**/signin**");
    }

    private static async Task LooksRightAsync(IPage page)
    {
        await PassesAsync(page);
        var widths = await page.EvaluateAsync<double[]>("[document.documentElement.scrollWidth, innerWidth]");
        Assert.True(widths[0] <= widths[1], $"{page.Url} is {widths[0]} wide in a window of {widths[1]}.");
        var small = await page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll('button, input:not([type=hidden]), .again a')].filter(e => e.checkVisibility())
              .filter(e => e.getBoundingClientRect().height < 43.9).map(e => e.outerHTML.slice(0, 80))
            """);
        Assert.Empty(small);
    }
}
