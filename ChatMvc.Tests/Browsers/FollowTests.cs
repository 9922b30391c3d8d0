using ChatMvc.Tests.Chats;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>A room keeps up with its answers without taking the page out of its reader's hands.</summary>
public sealed class FollowTests(Chromium chromium) : BrowserTest(chromium)
{
    private const double AtTheEnd = 2; // pixels
    private static readonly string Long = string.Join("\n\n", Enumerable.Range(1, 60).Select(i => $"Paragraph {i}."));
    private static readonly string Slow = string.Join("\n\n", Enumerable.Range(1, 30).Select(i => $"Step {i}."));

    [BrowserFact]
    public async Task A_reader_at_the_end_is_kept_there_while_the_answer_grows()
    {
        var page = await LongRoomAsync();
        await AskSlowlyAsync(page);

        foreach (var step in (string[])["Step 5.", "Step 12.", "Step 19."])
        {
            await Expect(page.LastText).ToContainTextAsync(step);
            Assert.InRange(await page.GapAsync(), -AtTheEnd, AtTheEnd);
        }

        await Expect(page.Locator("#to-newest")).ToBeHiddenAsync();
    }

    [BrowserFact]
    public async Task A_reader_who_scrolled_up_is_not_moved_and_is_offered_the_newest()
    {
        var page = await LongRoomAsync();
        await AskSlowlyAsync(page);
        await Expect(page.LastText).ToContainTextAsync("Step 5.");

        // One small step of the wheel is enough.
        await page.Mouse.MoveAsync(700, 300);
        await page.Mouse.WheelAsync(0, -60);
        await Expect(page.Locator("#to-newest")).ToBeVisibleAsync();
        var there = await page.ScrolledAsync();
        await Expect(page.LastText).ToContainTextAsync("Step 12.");
        Assert.Equal(there, await page.ScrolledAsync());
        Assert.True(await page.GapAsync() > 100);

        await page.Locator("#to-newest").ClickAsync();

        await Expect(page.Locator("#to-newest")).ToBeHiddenAsync();
        await Expect(page.LastText).ToContainTextAsync("Step 19.");
        Assert.InRange(await page.GapAsync(), -AtTheEnd, AtTheEnd);
        await page.LastIsAsync("done");
        Assert.InRange(await page.GapAsync(), -AtTheEnd, AtTheEnd);
    }

    [BrowserFact]
    public async Task A_reload_leaves_a_reader_where_they_were()
    {
        var first = await LongRoomAsync();
        await Expect(first.Locator("#chat-title")).Not.ToHaveTextAsync("Long");
        // A tab in which nothing has happened yet.
        var page = await first.Context.NewPageAsync();
        await page.GotoAsync(first.Url);
        Assert.InRange(await page.GapAsync(), -AtTheEnd, AtTheEnd);
        await page.ReloadAsync();
        Assert.InRange(await page.GapAsync(), -AtTheEnd, AtTheEnd);

        await page.Mouse.MoveAsync(700, 300);
        await page.Mouse.WheelAsync(0, -700);
        // Not by WaitForFunctionAsync: it evaluates in the page, whose policy forbids that.
        await Rooms.EventuallyAsync(
            () => page.EvaluateAsync<bool>("document.documentElement.scrollHeight - innerHeight - scrollY > 600 && history.state?.following === false"),
            "the reader scrolled up and the page noted it");
        // Also when something came in meanwhile.
        await RenameAsync(await page.Context.NewPageAsync(), page.Url, "Another title");
        await Expect(page.Locator("#chat-title")).ToHaveTextAsync("Another title");
        await page.ReloadAsync();
        await page.IsLoadedAsync();
        await page.WaitForTimeoutAsync(300);

        Assert.InRange(await page.GapAsync(), 500, 900);
    }

    [BrowserFact]
    public async Task A_form_answered_late_does_not_take_back_what_the_stream_told_meanwhile()
    {
        App.OpenAI.WillAnswer("First answer.");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        App.OpenAI.WillHurry(tokenDelayMs: 150);
        App.OpenAI.WillAnswer("One two three\n\nfour five six\n\nseven eight nine\n\nten eleven twelve thirteen fourteen fifteen sixteen.");
        var rest = App.OpenAI.WillHoldAfter(13);
        await page.RouteAsync("**/messages", async route =>
        {
            var answer = await route.FetchAsync();
            await Expect(page.LastText).ToContainTextAsync("five");
            await route.FulfillAsync(new() { Response = answer });
        });

        await page.Box.FillAsync("Second");
        await page.Box.PressAsync("Enter");

        await Expect(page.Box).ToHaveValueAsync("");
        await Expect(page.LastText).ToContainTextAsync("eleven");
        await page.LastIsAsync("streaming");
        Assert.StartsWith("One two three four five six seven", (await page.LastText.InnerTextAsync()).ReplaceLineEndings(" ").Replace("  ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        rest.SetResult();
        await page.LastIsAsync("done");
        await Expect(page.Answers).ToHaveCountAsync(2);
    }

    [BrowserTheory]
    [InlineData("refused")]
    [InlineData("unavailable")]
    public async Task Where_no_stream_can_be_had_the_answer_appears_all_the_same_and_the_stream_is_tried_again(string trouble)
    {
        MayComplain("net::ERR_FAILED");
        MayComplain("Failed to fetch");
        MayComplain("status of 503");
        App.OpenAI.WillAnswer("First answer.");
        var page = await SignedInAsync("Maya");
        var tries = 0;
        await page.RouteAsync("**/events*", route =>
        {
            tries++;
            return trouble == "refused" ? route.AbortAsync() : route.FulfillAsync(new() { Status = 503, Body = "" });
        });
        App.OpenAI.WillHurry(tokenDelayMs: 400);
        App.OpenAI.WillAnswer("One two three four five six seven eight nine ten eleven twelve.");
        var rest = App.OpenAI.WillHoldAfter(10);
        await AskAsync(page, "First");

        await Expect(page.LastText).ToContainTextAsync("four");
        await page.LastIsAsync("streaming");
        rest.SetResult();
        await page.LastIsAsync("done");
        await Expect(page.LastText).ToContainTextAsync("twelve.");
        // The server can be reached, so nothing is said of being offline.
        await Expect(page.Locator(".offline")).ToBeHiddenAsync();
        Assert.True(tries > 1, $"The stream was tried {tries} times.");

        // What was polled is as alive as what was there before.
        App.OpenAI.WillHurry();
        App.OpenAI.WillAnswer("Second answer.");
        await page.Box.FillAsync("Second");
        await page.Box.PressAsync("Enter");
        await Expect(page.LastText).ToHaveTextAsync("Second answer.");
        await page.LastIsAsync("done");
        await Expect(page.Answers).ToHaveCountAsync(2);

        await page.RunAndWaitForResponseAsync(() => page.UnrouteAllAsync(), answer => answer.Url.Contains("/events", StringComparison.Ordinal) && answer.Ok);
        App.OpenAI.WillHurry(tokenDelayMs: 150);
        App.OpenAI.WillAnswer("One two three four five six.");
        await page.Box.FillAsync("Third");
        await page.Box.PressAsync("Enter");
        await Expect(page.Answers).ToHaveCountAsync(3);
        await page.LastIsAsync("done");
        await Expect(page.LastText).ToHaveTextAsync("One two three four five six.");
    }

    [BrowserFact]
    public async Task Offline_is_said_quietly_and_what_was_missed_is_caught_up()
    {
        MayComplain("net::ERR_");
        MayComplain("Failed to fetch");
        MayComplain("network error");
        App.OpenAI.WillHurry(tokenDelayMs: 200);
        App.OpenAI.WillAnswer("One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen.");
        var rest = App.OpenAI.WillHoldAfter(10);
        var page = await AskAsync(await SignedInAsync("Maya"), "Count");
        await Expect(page.LastText).ToContainTextAsync("two");
        await Expect(page.Locator(".offline")).ToBeHiddenAsync();

        await page.Context.SetOfflineAsync(true);
        await Expect(page.Locator(".offline")).ToBeVisibleAsync();
        await Task.Delay(1500);
        rest.SetResult();
        await page.Context.SetOfflineAsync(false);

        await Expect(page.Locator(".offline")).ToBeHiddenAsync();
        await page.LastIsAsync("done");
        await Expect(page.LastText).ToContainTextAsync("two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen.");
        await Expect(page.Answers).ToHaveCountAsync(1);
    }

    [BrowserFact]
    public async Task An_answer_is_read_out_once_when_it_is_complete()
    {
        App.OpenAI.WillAnswer("First answer.");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        await page.EvaluateAsync("""
            window.heard = [];
            const status = document.querySelector('.dock > .visually-hidden[role=status]');
            new MutationObserver(() => heard.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });
            """);
        Assert.Equal("off", await page.Locator("#log").GetAttributeAsync("aria-live"));
        App.OpenAI.WillAnswer("One two three.\n\n```csharp\nfour();\n```\n\nFive.");
        var hold = App.OpenAI.WillHoldAfter(4);

        await page.Box.FillAsync("Second");
        await page.Box.PressAsync("Enter");
        await Expect(page.LastText).ToContainTextAsync("three");
        Assert.Empty(await page.EvaluateAsync<string[]>("heard"));
        hold.SetResult();
        await page.LastIsAsync("done");

        Assert.Equal(["One two three.\nfour();\nFive."], await page.EvaluateAsync<string[]>("heard"));
        Assert.Equal("true", await page.EvaluateAsync<string>("document.activeElement.id === 'text' ? 'true' : document.activeElement.outerHTML"));
    }

    [BrowserFact]
    public async Task A_new_title_leaves_what_is_being_read_alone()
    {
        App.OpenAI.WillAnswer("First answer.");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        await Expect(page.Locator("#chat-title")).Not.ToHaveTextAsync("First");
        await page.EvaluateAsync("getSelection().selectAllChildren(document.querySelector('article[data-role=assistant] .message-body p'))");
        await RenameAsync(await page.Context.NewPageAsync(), page.Url, "Another title");

        await Expect(page.Locator("#chat-title")).ToHaveTextAsync("Another title");

        Assert.Equal("First answer.", await page.EvaluateAsync<string>("getSelection().toString()"));
    }

    [BrowserFact]
    public async Task A_tab_of_a_deleted_chat_says_so_and_shows_the_way()
    {
        MayComplain("status of 404");
        MayComplain("SSE reconnect failed");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync(page.Url);
        await other.GetByText("Settings").ClickAsync();
        await other.GetByText("Delete this chat").ClickAsync();
        await other.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await other.ArrivesAtAsync("**/chats?deleted=*");
        var tries = 0;
        page.Request += (_, _) => tries++;

        var notice = page.Locator("[data-notice=error]");
        await Expect(notice).ToContainTextAsync("This chat was deleted");
        await Expect(page.Locator(".offline")).ToBeHiddenAsync();
        // It is not asked for again and again.
        var before = tries;
        await page.WaitForTimeoutAsync(4000);
        Assert.InRange(tries, before, before + 1);
        await notice.GetByRole(AriaRole.Link).ClickAsync();
        await page.ArrivesAtAsync("**/chats");
    }

    [BrowserFact]
    public async Task A_tab_whose_session_ended_says_so_and_leads_back_to_its_room()
    {
        MayComplain("net::ERR_");
        MayComplain("Failed to fetch");
        MayComplain("network error");
        MayComplain("status of 401");
        MayComplain("SSE reconnect failed");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        var room = new Uri(page.Url).AbsolutePath;
        await page.Box.FillAsync("A draft");
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync("/signout");
        await other.Locator("main").GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await other.ArrivesAtAsync("**/signin");

        await page.Context.SetOfflineAsync(true);
        await Expect(page.Locator(".offline")).ToBeVisibleAsync();
        await page.Context.SetOfflineAsync(false);

        var notice = page.Locator("[data-notice=error]");
        await Expect(notice).ToContainTextAsync("You are signed out");
        await Expect(page.Locator(".offline")).ToBeHiddenAsync();
        await Expect(page.Box).ToHaveValueAsync("A draft");
        await notice.GetByRole(AriaRole.Link).ClickAsync();
        await page.ArrivesAtAsync($"**/signin?returnUrl={Uri.EscapeDataString(room)}");
    }

    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_that_ends_elsewhere_is_told_in_the_open_tab_and_no_typed_word_is_lost(bool hasStream)
    {
        MayComplain("Failed to fetch");
        MayComplain("network error");
        MayComplain("net::ERR_");
        MayComplain("status of 401");
        MayComplain("status of 503");
        MayComplain("SSE reconnect failed");
        App.OpenAI.WillAnswer("First answer.");
        var page = await SignedInAsync("Maya");
        if (!hasStream) await page.RouteAsync("**/events*", route => route.FulfillAsync(new() { Status = 503, Body = "" }));
        await AskAsync(page, "First");
        await page.LastIsAsync("done");
        var room = page.Url;
        await page.Box.FillAsync("A draft");
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync("/signout");
        await other.Locator("main").GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await other.ArrivesAtAsync("**/signin");
        await page.UnrouteAllAsync();

        await Expect(page.Locator("[data-notice=error]")).ToContainTextAsync("You are signed out");
        // Long enough for one more try at the stream.
        await page.WaitForTimeoutAsync(4_000);
        Assert.Equal(room, page.Url);
        await Expect(page.Box).ToHaveValueAsync("A draft");
    }

    private static async Task RenameAsync(IPage page, string room, string title)
    {
        await page.GotoAsync(room);
        await page.GetByText("Settings").ClickAsync();
        await page.GetByLabel("Title").FillAsync(title);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
    }

    private async Task<IPage> LongRoomAsync()
    {
        App.OpenAI.WillAnswer(Long);
        var page = await AskAsync(await SignedInAsync("Maya"), "Long");
        await page.LastIsAsync("done");
        return page;
    }

    private async Task AskSlowlyAsync(IPage page)
    {
        App.OpenAI.WillHurry(tokenDelayMs: 60);
        App.OpenAI.WillAnswer(Slow);
        await page.Box.FillAsync("Slow");
        await page.Box.PressAsync("Enter");
        await Expect(page.Answers).ToHaveCountAsync(2);
    }
}
