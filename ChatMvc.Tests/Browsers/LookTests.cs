using Deque.AxeCore.Playwright;
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
        foreach (var path in (string[])["/chats", await MessageAsync(page), "/chats/none"]) await FitsAsync(page, path);
    }

    [BrowserTheory]
    [InlineData(ColorScheme.Light, false)]
    [InlineData(ColorScheme.Dark, false)]
    [InlineData(ColorScheme.Light, true)]
    [InlineData(ColorScheme.Dark, true)]
    public async Task Every_page_passes_the_checks_for_accessibility(ColorScheme scheme, bool onPhone)
    {
        MayComplain("status of 404");
        var viewport = onPhone ? Phone : Desk;
        var stranger = await StrangerAsync(viewport, scheme: scheme);
        foreach (var path in (string[])["/", "/signin"]) await PassesAsync(stranger, path);
        var page = await RichRoomAsync(viewport, scheme);
        await PassesAsync(page, null);
        if (onPhone)
        {
            await page.Locator(".rail-summary").ClickAsync();
            await PassesAsync(page, null);
            await page.Keyboard.PressAsync("Escape");
        }
        await page.GetByText("Settings").ClickAsync();
        await PassesAsync(page, null);
        App.OpenAI.WillFail(400, times: 1);
        await page.Box.FillAsync("Fails");
        await page.Locator("#compose button").ClickAsync();
        await page.LastIsAsync("failed");
        await PassesAsync(page, null);
        foreach (var path in (string[])["/chats", await MessageAsync(page), "/chats/none", "/signout"]) await PassesAsync(page, path);
    }

    [BrowserFact]
    public async Task On_a_phone_everything_to_press_is_large_enough()
    {
        var page = await RichRoomAsync(Phone);
        await LargeEnoughAsync(page);
        await page.Locator(".rail-summary").ClickAsync();
        await LargeEnoughAsync(page);
        await page.GotoAsync("/chats");
        await LargeEnoughAsync(page);
        await page.GotoAsync("/signout");
        await LargeEnoughAsync(page);
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

    private static async Task PassesAsync(IPage page, string? path)
    {
        if (path is not null) await page.GotoAsync(path);
        // The order of headings within an answer is its author's.
        var found = await page.RunAxe(new() { Rules = new() { ["heading-order"] = new() { Enabled = false } } });
        Assert.True(found.Violations.Length == 0, $"{page.Url}:\n{string.Join('\n', found.Violations.Select(v => $"{v.Id}: {v.Help}\n  {string.Join("\n  ", v.Nodes.Select(n => n.Html + " " + string.Join("; ", n.Any.Select(a => a.Message))))}"))}");
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
