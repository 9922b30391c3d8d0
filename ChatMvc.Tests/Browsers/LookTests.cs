using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>What can be measured of the look: nothing sticks out, hides, jumps or is too small to hit.</summary>
public sealed class LookTests(Chromium chromium) : RichRoomTest(chromium)
{
    private const double Tap = 44; // pixels

    [BrowserTheory]
    [InlineData(320)]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task No_page_is_wider_than_its_window(int width)
    {
        MayComplain("status of 404");
        var viewport = new ViewportSize { Width = width, Height = 800 };
        var stranger = await StrangerAsync(viewport);
        foreach (var path in (string[])["/", "/signin"]) await FitsAsync(stranger, path);
        await stranger.GotoAsync("/signin");
        await stranger.GetByLabel("Phone number").FillAsync(TestApp.PhoneOf("Noor"));
        await stranger.Keyboard.PressAsync("Enter");
        await stranger.ArrivesAtAsync("**/signin/code**");
        await FitsAsync(stranger, null);

        var page = await RichRoomAsync(viewport);
        await FitsAsync(page, null);
        await page.GetByText("Settings").ClickAsync();
        var menu = await page.Locator(".room-menu-body").BoundingBoxAsync();
        Assert.InRange(menu!.X, 0, width - menu.Width);
        foreach (var path in (string[])["/chats", await MessageAsync(page), "/chats/none", "/billing", "/signout", "/account", "/account/delete", "/account/number", "/usage"]) await FitsAsync(page, path);
        await FitsAsync(await SignedInAsync("Ada", viewport), "/chats");
    }

    [BrowserFact]
    public async Task On_a_phone_the_rail_is_a_drawer_over_the_page()
    {
        var page = await RichRoomAsync(Phone);
        var newChat = page.GetByRole(AriaRole.Link, new() { Name = "New chat" });
        await Expect(newChat).ToBeHiddenAsync();
        var before = await page.Locator("#main").BoundingBoxAsync();

        await page.GetByText("Chats", new() { Exact = true }).ClickAsync();

        await Expect(newChat).ToBeInViewportAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeInViewportAsync(new() { Ratio = 1 });
        var after = await page.Locator("#main").BoundingBoxAsync();
        Assert.Equal((before!.X, before.Y, before.Width), (after!.X, after.Y, after.Width));
        // A tap beside it closes it, and so does Escape.
        await page.Touchscreen.TapAsync(380, 500);
        await Expect(newChat).ToBeHiddenAsync();
        await page.GetByText("Chats", new() { Exact = true }).ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(newChat).ToBeHiddenAsync();
        await Expect(page.Locator(".rail-summary")).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task On_a_desk_the_rail_is_there_with_its_foot_and_scrolls_by_itself()
    {
        var page = await RichRoomAsync(Desk);
        for (var i = 0; i < 20; i++) await AskAsync(page, $"Chat number {i}");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "New chat" })).ToBeInViewportAsync(new() { Ratio = 1 });
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeInViewportAsync(new() { Ratio = 1 });
        Assert.True(await page.EvaluateAsync<bool>("(l => l.scrollHeight > l.clientHeight)(document.querySelector('.rail-chats'))"));
        Assert.True(await page.EvaluateAsync<bool>("document.querySelector('.rail').getBoundingClientRect().width === 272"));
    }

    [BrowserFact]
    public async Task At_its_end_the_conversation_stands_above_the_box()
    {
        var page = await RichRoomAsync(Phone);
        var (text, box) = (await page.LastAnswer.BoundingBoxAsync(), await page.Locator(".dock").BoundingBoxAsync());
        Assert.True(text!.Y + text.Height <= box!.Y, $"The text ends at {text.Y + text.Height}, the box begins at {box.Y}.");
        Assert.InRange(box.Y + box.Height, Phone.Height - 1, Phone.Height + 1);
    }

    [BrowserTheory]
    [InlineData("Some words and", "p")]
    [InlineData("1. one\n2. two and", "li")]
    [InlineData("1. one\n   - in and", "li")]
    [InlineData("- one\n- two\n\n  more and", "p")]
    [InlineData("> quoted and", "p")]
    [InlineData("```\nline one\nline two and", "code")]
    [InlineData("1. one\n\n   ```\n   code and", "code")]
    [InlineData("| a | b |\n|---|---|\n| one | two and |\n", "td")]
    [InlineData("## A heading and", "h4")]
    public async Task While_it_is_written_one_caret_stands_at_the_end_of_the_text(string markdown, string where)
    {
        App.OpenAI.Behaviour = new() { Text = markdown, HangBeforeEnd = true, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var page = await AskAsync(await SignedInAsync("Maya"), "Write");
        await Expect(page.LastText).ToContainTextAsync(" and");
        await page.LastIsAsync("streaming");

        var carets = await page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll('.message-body *')].filter(e => getComputedStyle(e, '::after').content.includes('▍'))
              .map(e => e.localName + ': ' + e.textContent.trim().slice(-3))
            """);

        Assert.Equal([$"{where}: and"], carets);
    }

    [BrowserTheory]
    [InlineData("short")]
    [InlineData("long")]
    [InlineData("scrolled up")]
    public async Task Nothing_moves_while_an_answer_is_written_and_when_it_ends(string room)
    {
        var page = await SignedInAsync("Maya");
        await page.AddInitScriptAsync("""
            window.shifts = [];
            // But for the caret, which goes along with the end of the text: a thing without a node, and narrow.
            window.watch = new PerformanceObserver(list => note(list.getEntries()));
            window.note = entries => shifts.push(...entries.filter(e => !e.hadRecentInput)
              .flatMap(e => e.sources.filter(s => s.node || s.currentRect.width > 20).map(s => `${s.node?.parentElement?.className} > ${s.node?.nodeName}.${s.node?.className}: ${JSON.stringify(s.previousRect)} to ${JSON.stringify(s.currentRect)}`)));
            watch.observe({ type: 'layout-shift', buffered: true });
            """);
        App.OpenAI.WillAnswer(room == "short" ? "Hello." : Rich + "\n\n" + Rich);
        await AskAsync(page, "First");
        await page.LastIsAsync("done");
        App.OpenAI.WillHurry(firstTokenDelayMs: 600, tokenDelayMs: 25);
        App.OpenAI.WillAnswer("One paragraph that is so long that it goes on over the end of its line and then over the end of the next one too.\n\n" + Rich);

        await page.Box.FillAsync("Second");
        await page.Box.PressAsync("Enter");
        await Expect(page.LastText).ToContainTextAsync("One paragraph");
        if (room == "scrolled up")
        {
            await page.Mouse.MoveAsync(700, 300);
            await page.Mouse.WheelAsync(0, -300);
            await Expect(page.Locator("#to-newest")).ToBeVisibleAsync();
        }
        // What comes within half a second of an input counts as its doing.
        await page.WaitForTimeoutAsync(600);
        await page.LastIsAsync("streaming");
        var bottom = await page.Locator(".dock").BoundingBoxAsync();
        await page.LastIsAsync("done");
        await page.EvaluateAsync("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => note(watch.takeRecords()))");

        var shifts = await page.EvaluateAsync<string[]>("shifts");
        Assert.True(shifts.Length == 0, string.Join('\n', shifts));
        Assert.Equal(bottom!.Y, (await page.Locator(".dock").BoundingBoxAsync())!.Y, tolerance: 0.5);
    }

    [BrowserFact]
    public async Task The_last_line_stays_where_it_was_when_the_answer_is_complete()
    {
        App.OpenAI.WillAnswer(Rich);
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        App.OpenAI.WillHurry(tokenDelayMs: 5);
        App.OpenAI.Behaviour = new() { Text = Rich + "\n\nThe end.", HangBeforeEnd = true, Times = 1 };
        await page.Box.FillAsync("Second");
        await page.Box.PressAsync("Enter");
        await Expect(page.LastText).ToContainTextAsync("The end.");
        var end = page.LastText.GetByText("The end.");
        var before = await end.BoundingBoxAsync();

        await page.LastAnswer.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await page.LastIsAsync("stopped");

        var after = await end.BoundingBoxAsync();
        Assert.InRange(after!.Y - before!.Y, -20, 20);
    }

    [BrowserFact]
    public async Task A_cold_room_is_few_small_requests()
    {
        var page = await RichRoomAsync(Desk);
        var context = page.Context;
        var asked = new ConcurrentQueue<string>();
        var cold = await context.NewPageAsync();
        cold.Request += (_, request) => asked.Enqueue(request.Url);
        await cold.GotoAsync(page.Url, new() { WaitUntil = WaitUntilState.Load });
        await Expect(cold.LastAnswer).ToBeVisibleAsync();

        // What colours its code comes after it, and by far not to each room.
        var urls = asked.Where(url => !url.Contains("/lazy/", StringComparison.Ordinal) && !url.Contains("/lib/code/", StringComparison.Ordinal)).ToList();
        Assert.InRange(urls.Count, 3, 8);
        Assert.All(urls, url => Assert.StartsWith(App.Address.ToString(), url, StringComparison.Ordinal));
        using var http = new HttpClient();
        var assets = 0L;
        foreach (var url in urls.Where(u => u.Contains("/lib/", StringComparison.Ordinal))) assets += Squeezed(await http.GetByteArrayAsync(url));
        Assert.InRange(assets, 10_000, 30_000);
    }

    private static long Squeezed(byte[] bytes)
    {
        using var into = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(into, System.IO.Compression.CompressionLevel.SmallestSize, leaveOpen: true)) gzip.Write(bytes);
        return into.Length;
    }

    [BrowserFact]
    public async Task Code_is_copied_by_its_button()
    {
        var page = await RichRoomAsync(Desk);
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);

        await page.Locator(".code").HoverAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.StartsWith("public static string Hello", await page.EvaluateAsync<string>("navigator.clipboard.readText()"), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task On_paper_there_is_the_conversation_alone()
    {
        var page = await RichRoomAsync(Desk);
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Expect(page.Locator("#compose")).ToBeHiddenAsync();
        await Expect(page.Locator(".rail")).ToBeHiddenAsync();
        await Expect(page.LastAnswer).ToBeVisibleAsync();
    }
}
