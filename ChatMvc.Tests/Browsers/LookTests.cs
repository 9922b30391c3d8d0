using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>What can be measured of the look: nothing sticks out, hides, jumps or is too small to hit.</summary>
public sealed class LookTests(Chromium chromium) : BrowserTest(chromium)
{
    private const double Tap = 44; // pixels

    private const string Rich = """
        A **short** answer with a [link](https://example.org) and `inline code`.

        ## What matters

        1. Flour
           - white
           - rye
        2. Water

        ```csharp
        public static string Hello(string name) => $"Hello, {name}. This line is rather long and has to scroll inside its own box, not move the page.";
        ```

        | Flour | Water | Salt | Yeast | Time at room temperature | Notes on handling the dough | And one more column |
        |---|---:|---:|:-:|---|---|---|
        | 500 g | 350 g | 10 g | 2 g | twelve hours | fold twice in the first hour | none at all |

        > Bread is patience.

        Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft and https://example.org/a/very/long/address/that/does/not/break/anywhere/at/all/and/goes/on

        - [ ] To do
        - [x] Done
        """;

    protected override string[] Settings => ["Limits:BasicMessages=100"];

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
        await stranger.WaitForURLAsync("**/signin/code**");
        await FitsAsync(stranger, null);

        var page = await RichRoomAsync(viewport);
        await FitsAsync(page, null);
        await page.GetByText("Settings").ClickAsync();
        var menu = await page.Locator(".room-menu-body").BoundingBoxAsync();
        Assert.InRange(menu!.X, 0, width - menu.Width);
        foreach (var path in (string[])["/chats", await MessageAsync(page), "/chats/none", "/billing", "/signout", "/account", "/account/delete", "/account/number"]) await FitsAsync(page, path);
        await FitsAsync(await SignedInAsync("Ada", viewport), "/chats");
    }

    [BrowserTheory]
    [InlineData(ColorScheme.Light, false)]
    [InlineData(ColorScheme.Dark, false)]
    [InlineData(ColorScheme.Light, true)]
    [InlineData(ColorScheme.Dark, true)]
    public async Task Every_page_passes_the_checks_for_accessibility(ColorScheme scheme, bool onPhone)
    {
        MayComplain("status of 422");
        MayComplain("status of 404");
        var viewport = onPhone ? Phone : Desk;
        var stranger = await StrangerAsync(viewport, scheme: scheme);
        foreach (var path in (string[])["/", "/signin"]) await PassesAsync(stranger, path);
        await stranger.GetByLabel("Phone number").FillAsync("12");
        await stranger.Keyboard.PressAsync("Enter");
        await Expect(stranger.Locator("#phone-error")).ToBeVisibleAsync();
        await PassesAsync(stranger);
        await stranger.GetByLabel("Phone number").FillAsync(TestApp.PhoneOf("Noor"));
        await stranger.Keyboard.PressAsync("Enter");
        await stranger.GetByLabel("Code").FillAsync("12");
        await PassesAsync(stranger);
        await PassesAsync(await SignedInAsync("Ada", viewport, scheme: scheme), "/chats");
        var page = await RichRoomAsync(viewport, scheme);
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
        var message = await MessageAsync(page);
        foreach (var path in (string[])["/chats", message, message + "/live", "/chats/none", "/billing", "/signout", "/account", "/account/delete", "/account/number"]) await PassesAsync(page, path);
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
            (page, await MessageAsync(page)), (page, "/chats"), (page, "/signout"), (page, "/billing"), (page, "/account"), (page, "/account/delete"), (page, "/account/number"),
            (await SignedInAsync("Noor", Phone), "/chats"), (stranger, "/"), (stranger, "/signin")])
        {
            await tab.GotoAsync(path);
            await LargeEnoughAsync(tab);
        }
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
                (e => `${getComputedStyle(e.id === 'text' ? e.form : e).outlineStyle} ${e.outerHTML}`)(document.activeElement)
                """));
        }

        Assert.All(reached, r => Assert.StartsWith("solid ", r, StringComparison.Ordinal));
        Assert.Equal(expected, reached.Distinct().Count());
    }

    [BrowserFact]
    public async Task A_cold_room_is_few_small_requests()
    {
        var page = await RichRoomAsync(Desk);
        var context = page.Context;
        var urls = new List<string>();
        var cold = await context.NewPageAsync();
        cold.Request += (_, request) => urls.Add(request.Url);
        await cold.GotoAsync(page.Url, new() { WaitUntil = WaitUntilState.Load });
        await Expect(cold.LastAnswer).ToBeVisibleAsync();

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

    private async Task<IPage> RichRoomAsync(ViewportSize viewport, ColorScheme scheme = ColorScheme.Light)
    {
        App.OpenAI.WillAnswer(Rich);
        var page = await AskAsync(await SignedInAsync("Maya", viewport, scheme: scheme), "Tell me about bread\nwith a second line");
        await page.LastIsAsync("done");
        return page;
    }

    private static async Task<string> MessageAsync(IPage page) =>
        (await page.Locator("article[data-role=assistant] .message-time").First.GetAttributeAsync("href"))!;

    private static async Task FitsAsync(IPage page, string? path)
    {
        if (path is not null) await page.GotoAsync(path);
        var widths = await page.EvaluateAsync<double[]>("[document.documentElement.scrollWidth, innerWidth]");
        Assert.True(widths[0] <= widths[1], $"{page.Url} is {widths[0]} wide in a window of {widths[1]}.");
    }

    // Links within text are exempt; a message's time has its area around it.
    private static async Task LargeEnoughAsync(IPage page)
    {
        var small = await page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll('button, summary, select, textarea, input:not([type=hidden]), a')]
              .filter(e => e.checkVisibility() && !e.matches('.message-body *, .copy, .message-time, .skip, .notice a, p > a:not(.button, .back a, .rail-brand a)'))
              .map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.height < 43.9)
              .map(([e, r]) => e.outerHTML.slice(0, 80) + ' ' + r.height)
            """);
        Assert.True(small.Length == 0, $"Less than {Tap} pixels high:\n{string.Join('\n', small)}");
    }
}
