using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>The whole journey as a person sees it.</summary>
public sealed partial class JourneyTests(Chromium chromium) : BrowserTest(chromium)
{
    private const string Counting = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen.";

    [BrowserFact]
    public async Task A_stranger_signs_in_with_the_code_and_asks_by_pressing_Enter()
    {
        App.OpenAI.WillAnswer("Bread needs **time**.");
        var page = await StrangerAsync();
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with your phone" }).ClickAsync();
        await Expect(page.GetByLabel("Phone number")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(TestApp.PhoneOf("Maya"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByLabel("Code")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync((await page.Locator("#sandbox-code").TextContentAsync())!);
        await page.Keyboard.PressAsync("Enter");
        await page.ArrivesAtAsync("**/chats");
        await Expect(page.Box).ToBeFocusedAsync();

        await page.Keyboard.TypeAsync("How is bread");
        await page.Keyboard.PressAsync("Shift+Enter");
        await page.Keyboard.TypeAsync("made?");
        await page.Keyboard.PressAsync("Enter");

        await page.ArrivesAtAsync("**/chats/*");
        await page.LastIsAsync("done");
        await Expect(page.LastText).ToHaveTextAsync("Bread needs time.");
        Assert.Equal("How is bread\nmade?", await page.Locator("article[data-role=user] .message-body").InnerTextAsync());
    }

    [BrowserFact]
    public async Task The_words_appear_one_after_the_other_and_end_as_a_fresh_page_shows_them()
    {
        App.OpenAI.WillHurry(firstTokenDelayMs: 300, tokenDelayMs: 60);
        App.OpenAI.WillAnswer(Counting + "\n\n1. first\n2. second **and last**");
        using var looks = WillGoOnWhenSeen();
        var page = await AskAsync(await SignedInAsync("Maya"), "Count");

        var seen = await WatchAsync(page, looks, page.LastText);

        Assert.True(seen.Count >= 5, $"The text was seen in {seen.Count} states: {string.Join(" | ", seen)}");
        for (var i = 1; i < seen.Count; i++) Assert.StartsWith(seen[i - 1], seen[i], StringComparison.Ordinal);
        var followed = await page.LastAnswer.InnerHTMLAsync();
        await page.ReloadAsync();
        Assert.Equal(WithoutTokens(await page.LastAnswer.InnerHTMLAsync()), WithoutTokens(followed));
    }

    [BrowserFact]
    public async Task A_running_answer_is_stopped_in_place()
    {
        App.OpenAI.WillHurry(tokenDelayMs: 50);
        var page = await AskAsync(await SignedInAsync("Maya"), "Write 2000 words about the sea");
        await page.LastIsAsync("streaming");
        await Expect(page.LastText).ToContainTextAsync(" ");
        await page.EvaluateAsync("window.sameDocument = true");

        await page.LastAnswer.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();

        await page.LastIsAsync("stopped");
        await Expect(page.LastAnswer).ToContainTextAsync("Stopped.");
        Assert.True((await page.LastText.InnerTextAsync()).Length > 0);
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"));
        await Expect(page.LastAnswer.GetByRole(AriaRole.Button)).ToHaveTextAsync(["Ask again"]);
    }

    [BrowserFact]
    public async Task Stopped_by_keyboard_the_focus_stays_with_the_answer()
    {
        App.OpenAI.WillHurry(tokenDelayMs: 50);
        var page = await AskAsync(await SignedInAsync("Maya"), "Write 2000 words about the sea");
        await page.LastIsAsync("streaming");
        await page.LastAnswer.GetByRole(AriaRole.Button, new() { Name = "Stop" }).FocusAsync();

        await page.Keyboard.PressAsync("Enter");

        await page.LastIsAsync("stopped");
        await Expect(page.LastAnswer.Locator(".message-time")).ToBeFocusedAsync();
    }

    [BrowserFact]
    public async Task An_answer_that_the_stream_tells_once_more_keeps_the_focus_on_its_button()
    {
        App.OpenAI.WillAnswer(Counting);
        var rest = App.OpenAI.WillHoldAfter(10);
        var page = await AskAsync(await SignedInAsync("Maya"), "Count");
        await Expect(page.LastText).ToContainTextAsync("three");
        var stop = page.LastAnswer.GetByRole(AriaRole.Button, new() { Name = "Stop" });
        await stop.FocusAsync();
        await stop.EvaluateAsync("button => { button.dataset.isOld = 'true'; }");

        // What the page does when the network is back: the stream begins anew, and tells the running answer whole.
        await page.EvaluateAsync("dispatchEvent(new Event('online'))");

        await Expect(page.LastAnswer.Locator("[data-is-old]")).ToHaveCountAsync(0);
        await Expect(stop).ToBeFocusedAsync();
        rest.SetResult();
    }

    [BrowserFact]
    public async Task Code_gets_its_colours_without_a_change_to_the_page()
    {
        App.OpenAI.WillAnswer("Look:\n\n```python\ndef rise(dough):  # slowly\n    return \"high\"\n```\n\n```unheard-of\ndef plain\n```\n");
        var page = await SignedInAsync("Maya");
        await AskAsync(page, "Code");
        await page.LastIsAsync("done");

        // Asked from outside: the page itself lets nobody evaluate anything.
        for (var i = 0; i < 100 && await page.EvaluateAsync<int>("CSS.highlights.get('code-word')?.size ?? 0") == 0; i++) await page.WaitForTimeoutAsync(100);

        Assert.Equal(["def", "return"], await page.EvaluateAsync<string[]>("[...CSS.highlights.get('code-word')].map(r => r.startContainer.data.slice(r.startOffset, r.endOffset))"));
        Assert.Equal(["# slowly"], await page.EvaluateAsync<string[]>("[...CSS.highlights.get('code-note')].map(r => r.startContainer.data.slice(r.startOffset, r.endOffset))"));
        Assert.Equal(0, await page.Locator(".code code *").CountAsync());
    }

    [BrowserFact]
    public async Task A_reload_in_mid_answer_goes_on_where_it_was()
    {
        App.OpenAI.WillHurry(tokenDelayMs: 150);
        App.OpenAI.WillAnswer(Counting);
        var rest = App.OpenAI.WillHoldAfter(10);
        var page = await AskAsync(await SignedInAsync("Maya"), "Count");
        await Expect(page.LastText).ToContainTextAsync("three");

        await page.ReloadAsync();

        await page.LastIsAsync("streaming");
        Assert.Contains("three", await page.LastText.InnerTextAsync(), StringComparison.Ordinal);
        rest.SetResult();
        await page.LastIsAsync("done");
        await Expect(page.LastText).ToHaveTextAsync(Counting);
        await Expect(page.Answers).ToHaveCountAsync(1);
    }

    [BrowserFact]
    public async Task Two_tabs_of_a_room_follow_the_same_answer()
    {
        App.OpenAI.WillAnswer("First answer.");
        var one = await AskAsync(await SignedInAsync("Maya"), "First");
        await one.LastIsAsync("done");
        var two = await one.Context.NewPageAsync();
        await two.GotoAsync(one.Url);
        App.OpenAI.WillHurry(tokenDelayMs: 150);
        App.OpenAI.WillAnswer(Counting);
        var rest = App.OpenAI.WillHoldAfter(10);

        await one.Box.FillAsync("Count");
        await one.Box.PressAsync("Enter");

        await Expect(two.Answers).ToHaveCountAsync(2);
        await Expect(two.LastText).ToContainTextAsync("two");
        await two.LastIsAsync("streaming");
        rest.SetResult();
        await one.LastIsAsync("done");
        await two.LastIsAsync("done");
        await Expect(two.LastText).ToHaveTextAsync(Counting);
        await Expect(two.Locator("article[data-role=user]")).ToHaveCountAsync(2);
        Assert.Equal(await one.Locator("#parent").InputValueAsync(), await two.Locator("#parent").InputValueAsync());
        await Expect(two.Locator("#allowance")).ToContainTextAsync("3 of 5");
    }

    [BrowserFact]
    public async Task A_failed_answer_says_why_and_is_retried()
    {
        App.OpenAI.WillFail(400, times: 100);
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("failed");
        await Expect(page.LastAnswer.Locator(".message-note")).ToContainTextAsync("not counted");
        await Expect(page.Locator("#allowance")).ToContainTextAsync("5 of 5");
        App.OpenAI.WillAnswer("Now it works.");

        await page.LastAnswer.GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();

        await page.LastIsAsync("done");
        await Expect(page.LastText).ToHaveTextAsync("Now it works.");
        await Expect(page.Answers).ToHaveCountAsync(1);
        await Expect(page.Locator("#allowance")).ToContainTextAsync("4 of 5");
    }

    [BrowserFact]
    public async Task A_chat_gets_its_title_and_another_one_in_heading_rail_and_tab()
    {
        App.OpenAI.WillAnswer("Fine.");
        var page = await AskAsync(await SignedInAsync("Maya"), "Tell me about sourdough bread");
        await page.LastIsAsync("done");
        var heading = page.Locator("#chat-title");
        await Expect(heading).Not.ToHaveTextAsync("Tell me about sourdough bread");
        var given = (await heading.TextContentAsync())!;
        await Expect(page.Locator(".rail-chats a")).ToHaveTextAsync([given]);
        await Expect(page).ToHaveTitleAsync($"{given} · ChatMvc");

        await page.GetByText("Settings").ClickAsync();
        await Expect(page.GetByLabel("Title")).ToHaveValueAsync(given);
        await page.GetByLabel("Title").FillAsync("Loaves & <b>fishes</b>");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(heading).ToHaveTextAsync("Loaves & <b>fishes</b>");
        await Expect(page.Locator(".rail-chats a[aria-current=page]")).ToHaveTextAsync("Loaves & <b>fishes</b>");
        await Expect(page).ToHaveTitleAsync("Loaves & <b>fishes</b> · ChatMvc");
    }

    [BrowserFact]
    public async Task A_chat_is_deleted_and_had_back()
    {
        var page = await AskAsync(await SignedInAsync("Maya"), "Keep me");
        await page.LastIsAsync("done");
        var room = page.Url;
        await page.GetByText("Settings").ClickAsync();
        await page.GetByText("Delete this chat").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.ArrivesAtAsync("**/chats?deleted=*");
        await Expect(page.Locator(".rail-chats a")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();

        await page.ArrivesAtAsync(room);
        await Expect(page.Locator("article[data-role=user]")).ToContainTextAsync("Keep me");
    }

    [BrowserFact]
    public async Task The_back_button_returns_to_a_room_that_still_follows()
    {
        App.OpenAI.WillAnswer("First answer.");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        var first = page.Url;
        await AskAsync(page, "Another");
        await page.LastIsAsync("done");

        await page.GoBackAsync();
        await page.ArrivesAtAsync("**/chats");
        await page.GoBackAsync();

        await page.ArrivesAtAsync(first);
        await Expect(page.LastText).ToHaveTextAsync("First answer.");
        App.OpenAI.WillAnswer("Later answer.");
        await page.Box.FillAsync("Later");
        await page.Box.PressAsync("Enter");
        await Expect(page.LastText).ToHaveTextAsync("Later answer.");
        await page.LastIsAsync("done");
    }

    [BrowserFact]
    public async Task Without_scripts_the_journey_is_the_same_and_the_answer_appears_in_a_frame()
    {
        App.OpenAI.WillHurry(firstTokenDelayMs: 300, tokenDelayMs: 100);
        App.OpenAI.WillAnswer(Counting);
        using var looks = WillGoOnWhenSeen();
        var page = await StrangerAsync(scripts: false);
        await page.GotoAsync("/signin");
        await page.GetByLabel("Phone number").FillAsync(TestApp.PhoneOf("Maya"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the code" }).ClickAsync();
        await page.GetByLabel("Code").FillAsync((await page.Locator("#sandbox-code").TextContentAsync())!);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.Box.FillAsync("Count");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        var frame = page.FrameLocator(".live-frame");
        var seen = await WatchAsync(page, looks, frame.Locator(".message-body"), frame.Locator(".live-end"));
        Assert.True(seen.Count >= 4, $"The text was seen in {seen.Count} states: {string.Join(" | ", seen)}");
        await frame.GetByRole(AriaRole.Link, new() { Name = "Go on with the chat" }).ClickAsync();

        await Expect(page.Locator(".live-frame")).ToHaveCountAsync(0);
        await page.LastIsAsync("done");
        await Expect(page.LastText).ToHaveTextAsync(Counting);
        await page.Box.FillAsync("Second");
        App.OpenAI.WillAnswer("Second answer.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.Answers).ToHaveCountAsync(2);
    }

    // The answer waits after every three tokens until somebody has looked: however slow the browser is, it sees them come.
    private SemaphoreSlim WillGoOnWhenSeen()
    {
        var looks = new SemaphoreSlim(0);
        App.OpenAI.Behaviour = App.OpenAI.Behaviour with { BeforeToken = sent => sent > 0 && sent % 3 == 0 ? looks.WaitAsync() : Task.CompletedTask };
        return looks;
    }

    // The different texts that were seen until the answer ended.
    private static async Task<List<string>> WatchAsync(IPage page, SemaphoreSlim looks, ILocator text, ILocator? end = null)
    {
        end ??= page.Locator("article[data-role=assistant][data-state=done]");
        var seen = new List<string>();
        await text.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        for (var look = 0; look < 400; look++)
        {
            var isOver = await end.CountAsync() > 0;
            var now = Spaces().Replace(await text.InnerTextAsync(), " ").Trim();
            if (now.Length > 0 && (seen.Count == 0 || seen[^1] != now))
            {
                seen.Add(now);
                looks.Release();
            }
            if (isOver) return seen;
            await Task.Delay(50);
        }
        throw new TimeoutException($"The answer did not end: {string.Join(" | ", seen)}");
    }

    private static string WithoutTokens(string html) => Token().Replace(html, "");

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex("""<input name="__RequestVerificationToken"[^>]*>""")]
    private static partial Regex Token();
}
