using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>The box that one writes in, and what stands on the page before the server has answered.</summary>
public sealed class ComposerTests(Chromium chromium) : BrowserTest(chromium)
{
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
    public async Task What_is_typed_meanwhile_is_not_there_twice_when_its_draft_was_stored_before_the_message()
    {
        var (page, mayGo) = await HeldAsync();
        await page.Box.FillAsync("Second");
        await page.Box.PressAsync("Enter");

        await page.RunAndWaitForResponseAsync(() => page.Keyboard.TypeAsync("And third"), answer => answer.Url.EndsWith("/draft", StringComparison.Ordinal));
        mayGo.SetResult();

        await Expect(page.Answers).ToHaveCountAsync(2);
        await Expect(page.Box).ToHaveValueAsync("And third");
    }

    [BrowserFact]
    public async Task Ones_own_message_stands_on_the_page_at_once_and_is_replaced_by_the_real_one()
    {
        App.OpenAI.WillAnswer("An answer.");
        var (page, mayGo) = await HeldAsync();

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

        await page.ArrivesAtAsync("**/chats/*");
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
        await page.ArrivesAtAsync("**/chats/*");
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

    /// <summary>A room with one answer, and what lets the next message go on its way.</summary>
    private async Task<(IPage Page, TaskCompletionSource MayGo)> HeldAsync()
    {
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        var mayGo = new TaskCompletionSource();
        await page.RouteAsync("**/messages", async route =>
        {
            await mayGo.Task;
            await route.ContinueAsync();
        });
        return (page, mayGo);
    }
}
