using ChatMvc.Completions;
using ChatMvc.Jobs;
using ChatMvc.Tests.Chats;
using ChatMvc.Tests.Operators;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>The operators' pages of a server on which something has happened.</summary>
public sealed class OpsPageTests(Chromium chromium) : BrowserTest(chromium)
{
    protected override string[] Settings => [$"Operators={TestApp.PhoneOf(Ops.Operator)}"];

    [BrowserTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_page_fits_and_passes_the_checks_for_accessibility_in_both_themes(bool onPhone)
    {
        var maya = await UsedAsync();
        var page = await SignedInAsync(Ops.Operator, onPhone ? Phone : Desk);
        foreach (var path in (string[])[
            "/ops", "/ops/jobs", "/ops/jobs?state=failed", "/ops/jobs/job?kind=answer&id=no-number", "/ops/users", "/ops/users?q=nobody", maya, "/ops/models", "/ops/models/one?id=gpt-6-luna",
            "/ops/models/entry", "/ops/inbox", "/ops/settings", "/ops/audit", "/ops/handbook", "/ops/confirm"])
        {
            await page.GotoAsync(path);
            await page.EvaluateAsync("document.querySelectorAll('main details').forEach(d => { d.open = true })");
            await FitsAsync(page, null);
            await PassesAsync(page);
        }
    }

    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Credit_is_given_by_keyboard_asked_about_once_and_found_in_the_log(bool scripts)
    {
        var maya = await UsedAsync();
        var page = await SignedInAsync(Ops.Operator, scripts: scripts);
        await page.GotoAsync(maya);
        await page.GetByText("Give or take credit").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("US dollars").FillAsync("2.50");
        await page.Locator("#reason-credit").FillAsync("A test of the bell");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator(".ops-question")).ToContainTextAsync("$2.50");
        await page.Locator(".ops-question .button[type=submit]").PressAsync("Enter");

        await Expect(page.Locator("#person-balance")).ToHaveTextAsync("$2.50");
        await page.GetByRole(AriaRole.Link, new() { Name = "What operators did here" }).PressAsync("Enter");
        await Expect(page.Locator("main")).ToContainTextAsync("A test of the bell");
    }

    /// <summary>Somebody has chatted, a job and a payment failed, and strangers read an announcement.</summary>
    /// <returns>The page of that person.</returns>
    private async Task<string> UsedAsync()
    {
        using var maya = await App.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartChatAsync("How is bread made?"));
        await App.Services.GetRequiredService<JobQueue>().EnqueueAsync<AnswerJob>("no-number");
        await App.StuckAsync("evt_parked", "Parked");
        await App.StuckAsync("evt_failed", "Failed");
        using var olga = await App.SignInAsOperatorAsync();
        await olga.PostAsync("/ops/settings/banner", ("text", "On Sunday from 3 to 4 we are away."));
        var board = App.Services.GetRequiredService<JobBoard>();
        await Rooms.EventuallyAsync(async () => (await board.ListAsync(JobStanding.Failed, null, null, 1, default)).Lines.Count == 1, "the job failed");
        return await App.PageOfAsync("Maya");
    }
}
