using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>The journey of a context: made, chosen in the middle of a chat, seen where it came into force.</summary>
public sealed class ContextTests(Chromium chromium) : BrowserTest(chromium)
{
    [BrowserFact]
    public async Task A_context_is_made_and_switched_to_in_the_middle_of_a_chat()
    {
        App.OpenAI.WillAnswer("Aye.");
        var page = await SignedInAsync("Maya");
        await PassesAsync(page, "/contexts");
        await page.GetByRole(AriaRole.Link, new() { Name = "Language teacher" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("Pirate");
        await page.Locator("#context-text").FillAsync("Talk like a pirate, {{name}}.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make" }).ClickAsync();
        await Expect(page.Locator(".context-list li")).ToHaveCountAsync(1);
        await PassesAsync(page);
        await AskAsync(page, "First");
        await page.LastIsAsync("done");

        await page.GetByText("Settings", new() { Exact = true }).ClickAsync();
        await page.GetByLabel("Context from the next question on").SelectOptionAsync("Pirate");
        await page.GetByText("Memory, length").ClickAsync();
        await PassesAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.Box.FillAsync("Second");
        await page.Box.PressAsync("Enter");

        await Expect(page.Answers).ToHaveCountAsync(2);
        await page.LastIsAsync("done");
        await Expect(page.Locator("article[data-role=user]").Last.Locator(".context-mark")).ToHaveTextAsync("From here: Pirate");
        await PassesAsync(page);
        await page.GetByText("Settings", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "What will be sent", Exact = true }).ClickAsync();
        await Expect(page.Locator(".sent-text").First).ToHaveTextAsync("Talk like a pirate, the user.");
        await PassesAsync(page);
    }
}
