using ChatMvc.Tests.Chats;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>The list and the keys as hands find them.</summary>
public sealed class ChatListJourneyTests(Chromium chromium) : BrowserTest(chromium)
{
    protected override string[] Settings => ["Limits:BasicMessages=100"];

    [BrowserFact]
    public async Task Letters_typed_before_the_field_of_a_title_is_there_are_no_keys_that_lead_elsewhere()
    {
        var page = await ThreeChatsAsync();
        await page.GotoAsync("/chats");
        var mayGo = new TaskCompletionSource();
        await page.RouteAsync("**/lazy/hands.js*", async route =>
        {
            await mayGo.Task;
            await route.ContinueAsync();
        });
        await page.Locator(".chats a").First.FocusAsync();

        await page.Keyboard.PressAsync("F2");
        await page.Keyboard.TypeAsync("nsx");
        mayGo.SetResult();

        await Expect(page.Locator(".rename")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Rye");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".chats a").First).ToHaveTextAsync("Rye");
        Assert.EndsWith("/chats", page.Url, StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task A_title_is_changed_in_place_chats_are_chosen_and_older_ones_come_by_scrolling()
    {
        MayComplain("status of 422");
        var page = await ThreeChatsAsync();
        await page.GotoAsync("/chats");
        var first = page.Locator(".chats a").First;

        await page.Locator(".line-menu summary").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Rename" }).First.ClickAsync();
        await Expect(page.Locator(".rename")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Sourdough");
        await page.Keyboard.PressAsync("Enter");
        await Expect(first).ToHaveTextAsync("Sourdough");
        await Expect(first).ToBeFocusedAsync();
        await Expect(page.Locator("#rail-chats a").First).ToHaveTextAsync("Sourdough");

        await page.Keyboard.PressAsync("F2");
        await Expect(page.Locator(".rename")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Something else");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".rename")).ToHaveCountAsync(0);
        await Expect(first).ToHaveTextAsync("Sourdough");

        await page.Keyboard.PressAsync("F2");
        await page.Locator(".rename").FillAsync("\u200b");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".rename")).ToHaveAttributeAsync("aria-invalid", "true");
        Assert.Contains("120 characters", await page.Locator(".rename").EvaluateAsync<string>("field => field.validationMessage"), StringComparison.Ordinal);
        await page.Locator(".rename").FillAsync("Rye");
        await page.Locator("h1").ClickAsync();
        await Expect(first).ToHaveTextAsync("Rye");

        foreach (var box in (int[])[0, 2]) await page.Locator(".pick input").Nth(box).CheckAsync();
        await page.GetByRole(AriaRole.Group, new() { Name = "With the chosen chats" }).GetByRole(AriaRole.Button, new() { Name = "Archive" }).ClickAsync();
        await Expect(page.Locator(".undo")).ToContainTextAsync("2 chats were archived.");
        await Expect(page.Locator(".chats a")).ToHaveTextAsync(["Tea"]);
        await Expect(page.Locator("#rail-chats a")).ToHaveTextAsync(["Tea"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.Locator(".chats a")).ToHaveTextAsync(["Rye", "Tea", "Bread"]);
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/chats$"));

        await App.ManyChatsAsync(120);
        await page.ReloadAsync();
        await page.Locator(".pages").ScrollIntoViewIfNeededAsync();
        await Expect(page.Locator(".line")).ToHaveCountAsync(100);
        await page.Locator(".pages").ScrollIntoViewIfNeededAsync();
        await Expect(page.Locator(".line")).ToHaveCountAsync(123);

        await page.GetByRole(AriaRole.Link, new() { Name = "Rye", Exact = true }).First.ClickAsync();
        await page.Locator("#chat-title").DblClickAsync();
        await Expect(page.Locator(".rename")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Oats");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#chat-title")).ToHaveTextAsync("Oats");
        await Expect(page.Locator("#rail-chats a[aria-current]")).ToHaveTextAsync("Oats");
        await page.ReloadAsync();
        await Expect(page.Locator("#chat-title")).ToHaveTextAsync("Oats");
    }

    [BrowserFact]
    public async Task The_keys_lead_through_the_chats_and_can_be_turned_off()
    {
        var page = await ThreeChatsAsync();
        await page.EvaluateAsync("document.activeElement.blur()");

        await page.Keyboard.PressAsync("j");
        await Expect(page.Locator("#chat-title")).ToHaveTextAsync("Tea");
        await page.EvaluateAsync("document.activeElement.blur()");
        await page.Keyboard.PressAsync("k");
        await Expect(page.Locator("#chat-title")).ToHaveTextAsync("Salt");
        await page.EvaluateAsync("document.activeElement.blur()");
        await page.Keyboard.PressAsync("/");
        await Expect(page.Box).ToBeFocusedAsync();
        // Whoever types writes letters; with Alt and Shift the keys work there too.
        await page.Keyboard.TypeAsync("/jn?");
        await Expect(page.Box).ToHaveValueAsync("/jn?");
        await page.Keyboard.PressAsync("Alt+Shift+H");
        var sheet = page.GetByRole(AriaRole.Dialog);
        await Expect(sheet).ToBeVisibleAsync();
        await PassesAsync(page);
        await sheet.GetByLabel("Single keys work").UncheckAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(sheet).ToBeHiddenAsync();
        await page.EvaluateAsync("document.activeElement.blur()");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("?");
        await Expect(sheet).ToBeHiddenAsync();
        await Expect(page.Locator("#chat-title")).ToHaveTextAsync("Salt");
        await page.GetByRole(AriaRole.Button, new() { Name = "Keyboard shortcuts" }).ClickAsync();
        await sheet.GetByLabel("Single keys work").CheckAsync();
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

        await page.Box.FillAsync("");
        var hold = App.OpenAI.WillHoldAfter(1);
        await page.Box.FillAsync("More");
        await page.Box.PressAsync("Enter");
        await page.LastIsAsync("streaming");
        // The answer to the press gives the box its focus back.
        await page.RunAndWaitForResponseAsync(() => page.Keyboard.PressAsync("Alt+Shift+X"), "**/stop");
        await page.LastIsAsync("stopped");
        hold.TrySetResult();
        await page.EvaluateAsync("document.activeElement.blur()");
        await page.Keyboard.PressAsync("n");
        await page.ArrivesAtAsync("**/chats");
        await Expect(page.Box).ToBeFocusedAsync();
    }

    private async Task<IPage> ThreeChatsAsync()
    {
        App.OpenAI.WillAnswer("Fine and good.");
        var page = await SignedInAsync("Maya");
        foreach (var text in (string[])["Bread", "Tea", "Salt"])
        {
            await AskAsync(page, text);
            await page.LastIsAsync("done");
            await App.SqlAsync($"UPDATE Chats SET TitleSource = 'Person', Title = '{text}' WHERE Id = (SELECT MAX(Id) FROM Chats)");
        }
        await page.ReloadAsync();
        return page;
    }
}
