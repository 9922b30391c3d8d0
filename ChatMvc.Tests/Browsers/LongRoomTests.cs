using ChatMvc.Tests.Chats;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>Reading upwards through a long room: older messages come by themselves, and nothing moves.</summary>
public sealed class LongRoomTests(Chromium chromium) : BrowserTest(chromium)
{
    private const int Most = 400;
    private const string CountShifts = "window.shifts = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shifts += entry.value; }).observe({ type: 'layout-shift', buffered: true });";
    private const string FirstTop = "document.querySelector('#log > .message').getBoundingClientRect().top";

    [BrowserFact]
    public async Task Scrolling_up_loads_older_messages_in_place_and_the_page_stays_bounded()
    {
        var page = await SignedInAsync("Maya");
        var room = await App.HasLongRoomAsync("Maya", 600, words: 40);
        await page.AddInitScriptAsync(CountShifts);
        await page.GotoAsync(room);
        Assert.Equal(50, await CountAsync(page));
        Assert.InRange(await page.GapAsync(), -2, 2);

        // To the last place at which nothing more is loaded yet, and from there on.
        await page.Locator("#log > .message .message-time").First.EvaluateAsync("link => { scrollTo(0, 1200); link.focus({ preventScroll: true }); }");
        var (id, focused) = (await FirstAsync(page), await page.EvaluateAsync<string>("document.activeElement.href"));
        var top = await page.EvaluateAsync<double>($"(scrollTo(0, 300), {FirstTop})");
        await Rooms.EventuallyAsync(async () => await CountAsync(page) == 100, "older messages came by themselves");
        Assert.InRange(await page.EvaluateAsync<double>($"document.getElementById('{id}').getBoundingClientRect().top") - top, -1, 1);
        Assert.Equal(focused, await page.EvaluateAsync<string>("document.activeElement.href"));
        Assert.Equal(Enumerable.Range(501, 100), await NumbersAsync(page));
        await page.EvaluateAsync("document.activeElement.blur()");

        // From here on as in Safari, which does not keep the reader's place by itself.
        await page.EvaluateAsync("document.styleSheets[0].insertRule('* { overflow-anchor: none }')");

        for (var count = 150; count <= Most + 50; count += 50)
        {
            var before = await FirstAsync(page);
            await page.EvaluateAsync("scrollTo(0, 300)");
            await Rooms.EventuallyAsync(async () => await FirstAsync(page) != before, "older messages came by themselves");
            Assert.InRange(await page.EvaluateAsync<double>($"document.getElementById('{before}').getBoundingClientRect().top"), 250 - 800, 800);
        }
        Assert.Equal(Enumerable.Range(151, Most), await NumbersAsync(page));
        Assert.Equal(0, await page.EvaluateAsync<double>("window.shifts"));
        await Expect(page.Locator("#follow")).ToHaveCountAsync(0);
        await Expect(page.Locator(".newest a[rel=next]")).ToHaveAttributeAsync("href", new System.Text.RegularExpressions.Regex(@"^\?at=(\d+)#m-\1$"));
        await PassesAsync(page);

        // A question from here leads to where it belongs.
        await page.Box.FillAsync("And now?");
        await page.Keyboard.PressAsync("Enter");
        await page.ArrivesAtAsync($"**{room}#m-*");
        await page.LastIsAsync("done");
        await Expect(page.Locator("article[data-role=user]").Last).ToContainTextAsync("And now?");
        Assert.Equal(50, await CountAsync(page));

        await PassesAsync(page, "/history?q=message+words");
    }

    private static Task<int> CountAsync(IPage page) => page.EvaluateAsync<int>("document.querySelectorAll('#log > .message').length");

    private static Task<string> FirstAsync(IPage page) => page.EvaluateAsync<string>("document.querySelector('#log > .message').id");

    private static Task<int[]> NumbersAsync(IPage page) =>
        page.EvaluateAsync<int[]>("[...document.querySelectorAll('#log > .message .message-body')].map(body => Number(body.textContent.trim().split(' ')[1]))");
}
