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
        await page.WaitForURLAsync("**/chats");
        await Expect(page.Box).ToBeFocusedAsync();

        await page.Keyboard.TypeAsync("How is bread");
        await page.Keyboard.PressAsync("Shift+Enter");
        await page.Keyboard.TypeAsync("made?");
        await page.Keyboard.PressAsync("Enter");

        await page.WaitForURLAsync("**/chats/*");
        await page.LastIsAsync("done");
        await Expect(page.LastText).ToHaveTextAsync("Bread needs time.");
        Assert.Equal("How is bread\nmade?", await page.Locator("article[data-role=user] .message-body").InnerTextAsync());
    }

    [BrowserFact]
    public async Task The_words_appear_one_after_the_other_and_end_as_a_fresh_page_shows_them()
    {
        App.OpenAI.WillHurry(firstTokenDelayMs: 300, tokenDelayMs: 60);
        App.OpenAI.WillAnswer(Counting + "\n\n1. first\n2. second **and last**");
        var page = await AskAsync(await SignedInAsync("Maya"), "Count");

        var seen = await WatchAsync(page, page.LastText);

        Assert.True(seen.Count >= 5, $"The text was seen in {seen.Count} states: {string.Join(" | ", seen)}");
        for (var i = 1; i < seen.Count; i++) Assert.StartsWith(seen[i - 1], seen[i], StringComparison.Ordinal);
        var followed = await page.LastAnswer.InnerHTMLAsync();
        await page.ReloadAsync();
        Assert.Equal(WithoutTokens(await page.LastAnswer.InnerHTMLAsync()), WithoutTokens(followed));
    }

    [BrowserFact]
    public async Task A_second_message_is_sent_without_loading_the_page_and_the_focus_stays_in_the_box()
    {
        App.OpenAI.WillAnswer("First answer.");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        await page.EvaluateAsync("window.sameDocument = true");
        App.OpenAI.WillAnswer("Second answer.");
        var before = await page.Locator("#compose").BoundingBoxAsync();

        await page.Box.FocusAsync();
        await page.Keyboard.TypeAsync("Second");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Answers).ToHaveCountAsync(2);
        await page.LastIsAsync("done");
        await Expect(page.LastText).ToHaveTextAsync("Second answer.");
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument === true"));
        await Expect(page.Box).ToBeFocusedAsync();
        await Expect(page.Box).ToHaveValueAsync("");
        await Expect(page.Locator("#allowance")).ToContainTextAsync("3 of 5");
        var after = await page.Locator("#compose").BoundingBoxAsync();
        Assert.Equal((before!.Y, before.Height), (after!.Y, after.Height));

        // The next message goes under the second answer, also from here.
        await page.Keyboard.TypeAsync("Third");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Answers).ToHaveCountAsync(3);
        await page.LastIsAsync("done");
        await Expect(page.Locator("[data-notice]")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task What_is_typed_while_a_message_is_on_its_way_is_kept()
    {
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        await page.RouteAsync("**/messages", async route =>
        {
            await Task.Delay(1000);
            await route.ContinueAsync();
        });

        await page.Box.FillAsync("Second");
        await page.Box.PressAsync("Enter");
        await page.Keyboard.TypeAsync(" and third");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Answers).ToHaveCountAsync(2);
        await Expect(page.Box).ToHaveValueAsync(" and third");
        await Expect(page.Locator("article[data-role=user] .message-body").Last).ToHaveTextAsync("Second");
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
    public async Task Ones_own_message_stands_on_the_page_at_once_and_is_replaced_by_the_real_one()
    {
        App.OpenAI.WillAnswer("An answer.");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        var mayGo = new TaskCompletionSource();
        await page.RouteAsync("**/messages", async route =>
        {
            await mayGo.Task;
            await route.ContinueAsync();
        });

        await page.Box.FillAsync("Second\nwith <b>two</b> lines");
        await page.Box.PressAsync("Enter");

        var mine = page.Locator("article[data-role=user]");
        await Expect(mine).ToHaveCountAsync(2);
        Assert.Equal("Second\nwith <b>two</b> lines", await mine.Last.Locator(".message-body").InnerTextAsync());
        await Expect(mine.Last).ToBeInViewportAsync(new() { Ratio = 1 });
        await Expect(page.Box).ToHaveValueAsync("");
        await Expect(page.Box).ToBeFocusedAsync();
        var before = await mine.Last.Locator(".message-body").BoundingBoxAsync();

        mayGo.SetResult();

        await page.LastIsAsync("done");
        await Expect(page.Answers).ToHaveCountAsync(2);
        await Expect(mine).ToHaveCountAsync(2);
        await Expect(mine.Last).ToHaveIdAsync(new Regex("^m-"));
        var after = await mine.Last.Locator(".message-body").BoundingBoxAsync();
        Assert.Equal((before!.X, before.Width, before.Height), (after!.X, after.Width, after.Height));
    }

    [BrowserFact]
    public async Task A_message_that_the_stream_shows_first_is_not_there_twice()
    {
        App.OpenAI.WillAnswer("An answer.");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        await page.RouteAsync("**/messages", async route =>
        {
            var answer = await route.FetchAsync();
            await Expect(page.Answers).ToHaveCountAsync(2);
            await Expect(page.Locator("article[data-role=user]")).ToHaveTextAsync([new Regex("First"), new Regex("Second")]);
            await route.FulfillAsync(new() { Response = answer });
        });

        var answered = page.WaitForResponseAsync("**/messages");
        await page.Box.FillAsync("Second");
        await page.Box.PressAsync("Enter");

        await (await answered).FinishedAsync();
        await page.LastIsAsync("done");
        await Expect(page.Locator("article[data-role=user]")).ToHaveTextAsync([new Regex("First"), new Regex("Second")]);
    }

    [BrowserFact]
    public async Task The_first_message_of_a_chat_stands_on_the_page_at_once_too()
    {
        var page = await SignedInAsync("Maya");
        await page.GotoAsync("/chats");
        // Looked at in the page itself: from outside it cannot be, once it is being left.
        await page.EvaluateAsync("""
            addEventListener('submit', () => sessionStorage.setItem('seen', [...document.querySelectorAll('main > *')]
              .filter(e => e.checkVisibility()).map(e => e.querySelector('.plain')?.textContent ?? e.id).join(', ')))
            """);

        await page.Box.FillAsync("A first question");
        await page.Keyboard.PressAsync("Enter");

        await page.WaitForURLAsync("**/chats/*");
        Assert.Equal("A first question, composer", await page.EvaluateAsync<string>("sessionStorage.getItem('seen')"));
        await Expect(page.Locator("article[data-role=user]")).ToHaveCountAsync(1);
    }

    [BrowserFact]
    public async Task Where_there_are_no_chats_a_question_to_begin_with_fills_the_box()
    {
        App.OpenAI.WillAnswer("An answer.");
        var page = await SignedInAsync("Maya", scripts: false);
        await page.GotoAsync("/chats");
        var example = page.Locator(".examples a").First;
        var question = await example.InnerTextAsync();

        await example.ClickAsync();

        await Expect(page.Box).ToHaveValueAsync(question);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await page.WaitForURLAsync("**/chats/*");
        await Expect(page.Locator("article[data-role=user]")).ToContainTextAsync(question);
        await page.GotoAsync("/chats");
        await Expect(page.Locator(".examples")).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task On_a_phone_Enter_begins_a_line_and_the_button_sends()
    {
        App.OpenAI.WillAnswer("An answer.");
        var page = await AskAsync(await SignedInAsync("Maya", Phone), "First");
        await page.LastIsAsync("done");

        await page.Box.FillAsync("Two");
        await page.Box.PressAsync("Enter");
        await page.Keyboard.TypeAsync("lines");

        await Expect(page.Box).ToHaveValueAsync("Two\nlines");
        await page.Locator("#compose button").TapAsync();
        await Expect(page.Answers).ToHaveCountAsync(2);
        await page.LastIsAsync("done");
        Assert.Equal("Two\nlines", await page.Locator("article[data-role=user] .message-body").Last.InnerTextAsync());
    }

    [BrowserFact]
    public async Task The_box_grows_with_its_text_and_is_small_again_when_it_is_sent()
    {
        App.OpenAI.WillAnswer("An answer.");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        var small = (await page.Box.BoundingBoxAsync())!.Height;

        await page.Box.FillAsync("one\ntwo\nthree\nfour");
        var grown = (await page.Box.BoundingBoxAsync())!.Height;
        await page.Box.FillAsync(string.Join('\n', Enumerable.Range(1, 200)));
        var largest = (await page.Box.BoundingBoxAsync())!.Height;
        await page.Box.FillAsync("one\ntwo");
        await page.Box.PressAsync("Enter");

        Assert.InRange(grown, small + 40, 200);
        Assert.InRange(largest, grown, Desk.Height * 0.45);
        await Expect(page.Locator("#allowance")).ToContainTextAsync("3 of 5");
        await page.LastIsAsync("done");
        Assert.Equal(small, await page.EvaluateAsync<double>("document.getElementById('text').getBoundingClientRect().height"), tolerance: 0.5);
    }

    [BrowserFact]
    public async Task A_reload_in_mid_answer_goes_on_where_it_was()
    {
        App.OpenAI.WillHurry(tokenDelayMs: 150);
        App.OpenAI.WillAnswer(Counting);
        var page = await AskAsync(await SignedInAsync("Maya"), "Count");
        await Expect(page.LastText).ToContainTextAsync("three");

        await page.ReloadAsync();

        await page.LastIsAsync("streaming");
        Assert.Contains("three", await page.LastText.InnerTextAsync(), StringComparison.Ordinal);
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

        await one.Box.FillAsync("Count");
        await one.Box.PressAsync("Enter");

        await Expect(two.Answers).ToHaveCountAsync(2);
        await Expect(two.LastText).ToContainTextAsync("two");
        await two.LastIsAsync("streaming");
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
        await page.WaitForURLAsync("**/chats?deleted=*");
        await Expect(page.Locator(".rail-chats a")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();

        await page.WaitForURLAsync(room);
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
        await page.WaitForURLAsync("**/chats");
        await page.GoBackAsync();

        await page.WaitForURLAsync(first);
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
        var page = await StrangerAsync(scripts: false);
        await page.GotoAsync("/signin");
        await page.GetByLabel("Phone number").FillAsync(TestApp.PhoneOf("Maya"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the code" }).ClickAsync();
        await page.GetByLabel("Code").FillAsync((await page.Locator("#sandbox-code").TextContentAsync())!);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.Box.FillAsync("Count");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        var frame = page.FrameLocator(".live-frame");
        var seen = await WatchAsync(page, frame.Locator(".message-body"), frame.Locator(".live-end"));
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

    // The different texts that were seen until the answer ended.
    private static async Task<List<string>> WatchAsync(IPage page, ILocator text, ILocator? end = null)
    {
        end ??= page.Locator("article[data-role=assistant][data-state=done]");
        var seen = new List<string>();
        await text.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        for (var look = 0; look < 400; look++)
        {
            var isOver = await end.CountAsync() > 0;
            var now = Spaces().Replace(await text.InnerTextAsync(), " ").Trim();
            if (now.Length > 0 && (seen.Count == 0 || seen[^1] != now)) seen.Add(now);
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
