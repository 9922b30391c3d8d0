using ChatMvc.Tests.Chats;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>Everybody can read and reach everything: by keyboard, large, in colours of their own, without motion.</summary>
public sealed class AccessibilityTests(Chromium chromium) : RichRoomTest(chromium)
{
    private const double Tap = 44; // pixels

    [BrowserTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_page_passes_the_checks_for_accessibility_in_both_themes(bool onPhone)
    {
        MayComplain("status of 422");
        MayComplain("status of 404");
        var viewport = onPhone ? Phone : Desk;
        var stranger = await StrangerAsync(viewport);
        foreach (var path in (string[])["/", "/signin"]) await PassesAsync(stranger, path);
        await stranger.GetByLabel("Phone number").FillAsync("12");
        await stranger.Keyboard.PressAsync("Enter");
        await Expect(stranger.Locator("#phone-error")).ToBeVisibleAsync();
        await PassesAsync(stranger);
        await stranger.GetByLabel("Phone number").FillAsync(TestApp.PhoneOf("Noor"));
        await stranger.Keyboard.PressAsync("Enter");
        await stranger.GetByLabel("Code").FillAsync("12");
        await PassesAsync(stranger);
        await PassesAsync(await SignedInAsync("Ada", viewport), "/chats");
        var page = await RichRoomAsync(viewport);
        await PassesAsync(page);
        if (onPhone)
        {
            await page.Locator(".rail-summary").ClickAsync();
            await PassesAsync(page);
            await page.Keyboard.PressAsync("Escape");
        }
        await page.GetByText("Settings").ClickAsync();
        await page.GetByText("Delete this chat").ClickAsync();
        await PassesAsync(page);
        await page.Keyboard.PressAsync("Escape");
        App.OpenAI.WillFail(400, times: 1);
        await page.Box.FillAsync("Fails");
        await page.Locator("#compose button").ClickAsync();
        await page.LastIsAsync("failed");
        await PassesAsync(page);
        App.OpenAI.Behaviour = new() { Text = Rich, HangAfterTokens = 20, Times = 1 };
        await page.LastAnswer.GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();
        await Expect(page.LastText).ToContainTextAsync("What matters");
        await PassesAsync(page);
        await page.LastAnswer.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await page.LastIsAsync("stopped");
        await PassesAsync(page);
        await page.LastAnswer.HoverAsync();
        await page.LastAnswer.Locator(".message-menu summary").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true })).ToBeInViewportAsync(new() { Ratio = 1 });
        await PassesAsync(page);
        var message = await MessageAsync(page);
        await App.ManyChatsAsync(6);
        await App.SqlAsync("UPDATE ChatMembers SET UserId = (SELECT MAX(Id) FROM Users), Folder = CASE ChatId % 2 WHEN 0 THEN 'Bread' END, ArchivedAt = CASE ChatId % 3 WHEN 0 THEN 1750000000000 END WHERE ChatId > 1");
        await page.GotoAsync("/chats");
        await page.Locator(".line-menu summary").Nth(1).ClickAsync();
        await page.Locator(".pick input").First.CheckAsync();
        await PassesAsync(page);
        foreach (var path in (string[])["/chats?archived=1", "/chats?folder=Bread", "/history?q=bread&role=user"])
        {
            await PassesAsync(page, path);
            Assert.NotEqual(0, await page.Locator(".line, .hit").CountAsync());
        }
        foreach (var path in (string[])[message, message + "/live", "/chats/none", "/billing", "/signout", "/account", "/account/delete", "/account/number", "/usage"]) await PassesAsync(page, path);
    }

    [BrowserFact]
    public async Task On_a_phone_everything_to_press_is_large_enough()
    {
        var page = await RichRoomAsync(Phone);
        await LargeEnoughAsync(page);
        await page.Locator(".rail-summary").ClickAsync();
        await LargeEnoughAsync(page);
        await page.Keyboard.PressAsync("Escape");
        await page.GetByText("Settings").ClickAsync();
        await LargeEnoughAsync(page);
        var stranger = await StrangerAsync(Phone);
        foreach (var (tab, path) in ((IPage, string)[])[
            (page, await MessageAsync(page)), (page, "/chats"), (page, "/signout"), (page, "/billing"), (page, "/account"), (page, "/account/delete"), (page, "/account/number"), (page, "/usage"),
            (await SignedInAsync("Noor", Phone), "/chats"), (stranger, "/"), (stranger, "/signin")])
        {
            await tab.GotoAsync(path);
            await LargeEnoughAsync(tab);
        }
    }

    [BrowserFact]
    public async Task At_200_percent_there_is_still_room_to_read()
    {
        var page = await RichRoomAsync(new() { Width = 640, Height = 400 });
        await FitsAsync(page, null);
        var (head, dock) = (await page.Locator(".room-head").BoundingBoxAsync(), await page.Locator(".dock").BoundingBoxAsync());
        Assert.InRange(dock!.Y - head!.Y - head.Height, 200, 400);
        await page.GetByText("Settings").ClickAsync();
        await page.GetByText("Delete this chat").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ScrollIntoViewIfNeededAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Delete" })).ToBeInViewportAsync(new() { Ratio = 1 });
    }

    [BrowserFact]
    public async Task In_the_readers_own_colours_shape_says_what_tint_said()
    {
        var page = await SignedInAsync("Maya", forced: ForcedColors.Active);
        App.OpenAI.WillAnswer(Rich);
        await AskAsync(page, "Tell me");
        await page.LastIsAsync("done");

        Task<string> StyleAsync(string selector, string property) =>
            page.EvaluateAsync<string>("([s, p]) => getComputedStyle(document.querySelector(s)).getPropertyValue(p)", new[] { selector, property });

        var paper = await StyleAsync("body", "background-color");
        Assert.NotEqual(paper, await StyleAsync("article[data-role=user] .message-body", "border-top-color"));
        Assert.Equal("solid", await StyleAsync(".rail-chats a[aria-current]", "outline-style"));
        Assert.Equal("solid", await StyleAsync("#compose", "outline-style"));
        Assert.NotEqual(paper, await StyleAsync("#compose .button", "border-top-color"));
    }

    [BrowserFact]
    public async Task Where_less_motion_is_asked_for_nothing_is_animated()
    {
        App.OpenAI.Behaviour = new() { Text = "Some words and", HangBeforeEnd = true, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var page = await AskAsync(await SignedInAsync("Maya"), "Write");
        await Expect(page.LastText).ToContainTextAsync("Some words and");
        Assert.Equal(0, await page.EvaluateAsync<int>("document.getAnimations().length"));

        await page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.NoPreference });
        Assert.NotEqual(0, await page.EvaluateAsync<int>("document.getAnimations().length"));
    }

    [BrowserFact]
    public async Task Everything_in_a_room_is_reached_by_the_Tab_key_and_shows_that_it_has_the_focus()
    {
        var page = await RichRoomAsync(Desk);
        await page.GetByText("Settings").ClickAsync();
        await page.EvaluateAsync("document.activeElement.blur()");
        var expected = await page.EvaluateAsync<int>("""
            [...document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden], :disabled), [tabindex]')].filter(e => e.checkVisibility()).length
            """);
        var reached = new List<string>();
        // Once around: the round passes the page itself, which is no stop.
        for (var step = 0; step <= expected; step++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<bool>("document.activeElement === document.body")) continue;
            reached.Add(await page.EvaluateAsync<string>("""
                (e => `${getComputedStyle(e.id === 'text' ? e.form : e).outlineStyle} ${e.closest('.message')?.id} ${e.outerHTML}`)(document.activeElement)
                """));
        }

        Assert.All(reached, r => Assert.StartsWith("solid ", r, StringComparison.Ordinal));
        Assert.Equal(expected, reached.Distinct().Count());
    }

    // Links within text are exempt; what stands in a message's head has its area around it.
    private static async Task LargeEnoughAsync(IPage page)
    {
        var small = await page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll('button, summary, select, textarea, input:not([type=hidden]), a')]
              .filter(e => e.checkVisibility() && !e.matches('.message-body *, .copy, .message-head > *, .message-head > * > *, .skip, .notice a, p > a:not(.button, .back a, .rail-brand a)'))
              .map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.height < 43.9)
              .map(([e, r]) => e.outerHTML.slice(0, 80) + ' ' + r.height)
            """);
        Assert.True(small.Length == 0, $"Less than {Tap} pixels high:\n{string.Join('\n', small)}");
    }
}
