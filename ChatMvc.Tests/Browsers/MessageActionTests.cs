using ChatMvc.Tests.Chats;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>What is done with single messages in their room: by mouse, by keyboard, and beside another tab.</summary>
public sealed class MessageActionTests(Chromium chromium) : BrowserTest(chromium)
{
    protected override string[] Settings => ["Limits:BasicMessages=20"];

    [BrowserFact]
    public async Task A_message_is_edited_deleted_copied_and_quoted_from_its_menu()
    {
        App.OpenAI.WillAnswer("An **answer**.");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.EvaluateAsync("window.sameDocument = true");
        var question = page.Locator("article[data-role=user]");

        // By keyboard: opened, left, opened again, sent.
        await question.Locator("summary").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit", Exact = true }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        var field = page.GetByLabel("Ask in other words");
        await Expect(field).ToBeFocusedAsync();
        await Expect(field).ToHaveValueAsync("First");
        await page.Keyboard.PressAsync("Escape");
        await Expect(field).ToHaveCountAsync(0);
        await Expect(question.Locator("summary")).ToBeFocusedAsync();
        await Expect(question.Locator(".message-body")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit", Exact = true }).ClickAsync();
        await Expect(field).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        // By its key alone, and from the middle of another thought.
        await page.EvaluateAsync("document.activeElement.blur()");
        await page.Keyboard.PressAsync("e");
        await Expect(field).ToBeFocusedAsync();
        await Expect(field).ToHaveValueAsync("First");
        await page.Box.FocusAsync();
        await page.Keyboard.PressAsync("Alt+Shift+E");
        await Expect(field).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(field).ToHaveCountAsync(0);
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/chats/[^/]+$"));
        await page.EvaluateAsync("document.activeElement.blur()");
        await page.Keyboard.PressAsync("e");
        await Expect(field).ToBeFocusedAsync();
        await field.FillAsync("Other");
        await PassesAsync(page);
        await page.Locator(".edit").GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.Locator("article[data-role=user] .plain")).ToHaveTextAsync(["Other"]);
        await page.LastIsAsync("done");
        await Expect(question.Locator(".branches")).ToContainTextAsync("2 of 2");

        // By mouse: the menu floats, so nothing moves.
        var before = await page.LastText.BoundingBoxAsync();
        await page.LastAnswer.HoverAsync();
        await page.LastAnswer.Locator("summary").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Copy as Markdown" }).ClickAsync();
        await Expect(page.GetByText("Copied")).ToBeVisibleAsync();
        Assert.Equal("An **answer**.", await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        var after = await page.LastText.BoundingBoxAsync();
        Assert.Equal((before!.Y, before.Height), (after!.Y, after.Height));
        await PassesAsync(page);
        await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Link, new() { Name = "Quote" }).ClickAsync(), response => response.Url.EndsWith("/draft", StringComparison.Ordinal) && response.Ok);
        await Expect(page.Box).ToHaveValueAsync("> An **answer**.\n\n");
        await Expect(page.Box).ToBeFocusedAsync();
        await page.LastAnswer.Locator("summary").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await Expect(page.Answers).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.Answers).ToHaveCountAsync(1);
        await Expect(page.GetByText("The message was deleted.")).ToHaveCountAsync(0);
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"));

        // What was quoted is kept as a draft when the page is left.
        await page.GetByRole(AriaRole.Link, new() { Name = "Previous question" }).ClickAsync();
        await Expect(page.GetByText("another branch")).ToBeVisibleAsync();
        await Expect(question.Locator(".message-body")).ToHaveTextAsync("First");
        await Expect(page.Box).ToHaveValueAsync("> An **answer**.\n\n");
        await page.Box.FillAsync("On the first branch");
        await page.Box.PressAsync("Enter");
        await Expect(page.Answers).ToHaveCountAsync(2);
        await Expect(page.GetByText("another branch")).ToHaveCountAsync(0);
        await Expect(page.Box).ToHaveValueAsync("");
    }

    [BrowserFact]
    public async Task What_is_typed_in_place_of_a_question_stays_when_another_tab_takes_the_question_away()
    {
        App.OpenAI.WillAnswer("An answer.");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        await page.Locator("article[data-role=user] summary").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit", Exact = true }).ClickAsync();
        await page.GetByLabel("Ask in other words").FillAsync("Half a thought");

        using var phone = await App.SignInAsAsync("Maya");
        var chat = new Uri(page.Url).AbsolutePath;
        await phone.ActAsync(chat, (await phone.GetAsync(chat)).Ids[0], "edit", ("text", "From the phone"));
        await Expect(page.GetByText("From the phone")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Ask in other words")).ToHaveValueAsync("Half a thought");
        await page.Locator(".edit").GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.Locator("article[data-role=user] .plain")).ToHaveTextAsync(["Half a thought"]);
        await Expect(page.Locator(".branches")).ToContainTextAsync("3 of 3");
    }
}
