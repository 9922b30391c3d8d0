using ChatMvc.Completions;
using ChatMvc.Jobs;
using ChatMvc.Tests.Operators;
using Microsoft.Extensions.DependencyInjection;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

public sealed class JobsPageTests(Chromium chromium) : BrowserTest(chromium)
{
    protected override string[] Settings => [$"Operators={TestApp.PhoneOf(Ops.Operator)}"];

    [BrowserFact]
    public async Task The_figures_follow_the_jobs_and_what_is_open_beside_them_stays_open()
    {
        var page = await SignedInAsync(Ops.Operator, Phone);
        await PassesAsync(page, "/ops/jobs");
        await page.GetByText("Hour by hour as a table").ClickAsync();
        await Expect(page.Locator("#failed")).ToHaveTextAsync("0");

        await App.Services.GetRequiredService<JobQueue>().EnqueueAsync<AnswerJob>("no-number");

        await Expect(page.Locator("#failed")).ToHaveTextAsync("1");
        await Expect(page.Locator("details.more-figures[open]")).ToHaveCountAsync(1);
    }
}
