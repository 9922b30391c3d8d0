using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Accounts;

public sealed class CodeLimitTests
{
    private const string Maya = "+12125550101";

    [Fact]
    public async Task The_wait_for_the_next_code_grows_and_the_sixth_in_an_hour_is_refused()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        foreach (var wait in new[] { 30, 60, 120, 240 })
        {
            Assert.Equal(303, (await maya.AskAsync(Maya)).Status);
            app.Time.Advance(TimeSpan.FromSeconds(wait - 8));
            var early = await maya.AskAsync(Maya);
            Assert.Equal(429, early.Status);
            Assert.InRange(early.RetryAfter, 1, 8);
            Assert.Contains("seconds", early.Error, StringComparison.Ordinal);
            Assert.Equal(Maya, early.Document.QuerySelector("#phone")!.GetAttribute("value"));
            app.Time.Advance(TimeSpan.FromSeconds(early.RetryAfter));
        }
        Assert.Equal(303, (await maya.AskAsync(Maya)).Status);
        app.Time.Advance(TimeSpan.FromMinutes(20));
        var sixth = await maya.AskAsync(Maya);
        Assert.Equal(429, sixth.Status);
        Assert.InRange(sixth.RetryAfter, 30 * 60, 40 * 60);
        Assert.Contains("minutes", sixth.Error, StringComparison.Ordinal);
        Assert.Equal(5, await app.ReadAsync(db => db.OneTimeCodes.CountAsync()));
        app.Time.Advance(TimeSpan.FromSeconds(sixth.RetryAfter));
        Assert.Equal(303, (await maya.AskAsync(Maya)).Status);
    }

    [Fact]
    public async Task Refused_numbers_wait_alike()
    {
        await using var app = await AccountApp.StartAsync("SignUp:Mode=closed");
        using var maya = app.Browser();
        Assert.Equal(303, (await maya.AskAsync(Maya)).Status);
        Assert.Equal(429, (await maya.AskAsync(Maya)).Status);
        Assert.Equal(0, app.Twilio.Received);
    }

    [Fact]
    public async Task No_more_than_25_guesses_an_hour_are_judged_from_however_many_browsers()
    {
        await using var app = await AccountApp.StartAsync();
        var (judged, browsers) = (0, new List<Browser>());
        try
        {
            // As fast as waits allow, each code guessed at by the browser that asked and kept for as long as it lives.
            for (var minute = 0; minute < 58; minute++)
            {
                var browser = app.Browser();
                browsers.Add(browser);
                await browser.AskAsync(Maya);
                if (minute is 4 or 5 or 10 or 20 or 57)
                {
                    foreach (var guesser in browsers.Where(b => b.Cookie("browser") is not null))
                        for (var guess = 0; guess < 6; guess++)
                            await guesser.TypeAsync("000000");
                }
                app.Time.Advance(TimeSpan.FromMinutes(1));
            }
            judged = await app.ReadAsync(db => db.OneTimeCodes.SumAsync(c => c.Attempts));
        }
        finally
        {
            browsers.ForEach(b => b.Dispose());
        }
        Assert.InRange(judged, 5, 25);
    }

    [Fact]
    public async Task Guesses_at_codes_of_two_hours_count_together()
    {
        await using var app = await AccountApp.StartAsync("Otp:MaxAttempts=2", "Otp:MaxPerHour=1", "Otp:Lifetime=00:10:00");
        using var one = app.Browser();
        using var two = app.Browser();
        await one.AskAsync(Maya);
        app.Time.Advance(TimeSpan.FromMinutes(9));
        await one.TypeAsync("000000");
        await one.TypeAsync("000000");
        app.Time.Advance(TimeSpan.FromMinutes(52));
        // 61 minutes after the first code, 52 after the guesses at it.
        Assert.Equal(303, (await two.AskAsync(Maya)).Status);
        Assert.Equal(429, (await two.TypeAsync("000000")).Status);
        Assert.Equal(2, await app.ReadAsync(db => db.OneTimeCodes.SumAsync(c => c.Attempts)));
    }

    [Fact]
    public async Task A_stranger_cannot_lock_an_owner_out_of_a_browser_that_was_signed_in_before()
    {
        await using var app = await AccountApp.StartAsync();
        using var owner = app.Browser();
        await owner.SignInAsync(Maya);
        await owner.PostAsync("/signout");
        app.Time.Advance(TimeSpan.FromDays(20));
        using var stranger = app.Browser();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(303, (await stranger.AskAsync(Maya)).Status);
            for (var guess = 0; guess < 5; guess++) await stranger.TypeAsync("000000");
            app.Time.Advance(TimeSpan.FromSeconds(600));
        }
        Assert.Equal(429, (await stranger.AskAsync(Maya)).Status);
        using var elsewhere = app.Browser();
        Assert.Equal(429, (await elsewhere.AskAsync(Maya)).Status);
        await owner.SignInAsync(Maya);
    }

    [Fact]
    public async Task The_daily_limit_keeps_its_last_part_for_those_who_have_an_account()
    {
        await using var app = await AccountApp.StartAsync("Sms:DailyLimit=4");
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        foreach (var number in new[] { "+12125550102", "+12125550103" })
        {
            using var other = app.Browser();
            await other.AskAsync(number);
            Assert.NotNull(await other.CodeAsync());
        }
        using var newcomer = app.Browser();
        Assert.Equal(303, (await newcomer.AskAsync("+12125550104")).Status);
        var page = await newcomer.GetAsync("/signin/code");
        Assert.NotNull(page.Document.QuerySelector("[data-notice=warning]"));
        Assert.Null(app.Twilio.LastTo("+12125550104"));
        using var laptop = app.Browser();
        await laptop.AskAsync(Maya);
        Assert.NotNull((await laptop.GetAsync("/signin/code")).Document.QuerySelector("[data-notice=warning]"));
        Assert.Equal(4, app.Twilio.Received);

        // All are used now, and every number hears the same.
        foreach (var number in new[] { "+12125550105", "+12125550102" })
        {
            app.Time.Advance(TimeSpan.FromMinutes(1));
            using var late = app.Browser();
            var refused = await late.AskAsync(number);
            Assert.Equal(429, refused.Status);
            Assert.InRange(refused.RetryAfter, 23 * 3600, 24 * 3600);
            Assert.Contains("hours", refused.Error, StringComparison.Ordinal);
        }
        app.Time.Advance(TimeSpan.FromDays(1));
        using var tomorrow = app.Browser();
        await tomorrow.SignInAsync("+12125550105");
    }

    [Fact]
    public async Task Fifty_at_once_for_one_number_get_one_message()
    {
        await using var app = await AccountApp.StartAsync();
        var browsers = Enumerable.Range(0, 50).Select(_ => app.Browser()).ToList();
        var answers = await Task.WhenAll(browsers.Select(b => b.AskAsync(Maya)));
        Assert.Equal(1, answers.Count(a => a.Status == 303));
        Assert.Equal(49, answers.Count(a => a.Status == 429));
        await app.EventuallyAsync(db => db.SmsMessages.Select(s => s.State).SingleAsync(), s => s == SmsState.Sent);
        Assert.Equal(1, app.Twilio.Received);
        browsers.ForEach(b => b.Dispose());
    }

    [Fact]
    public async Task Twenty_guesses_at_once_are_counted_one_by_one()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => maya.TypeAsync("000000")));
        Assert.Equal(4, answers.Count(a => a.Status == 422));
        Assert.Equal(16, answers.Count(a => a.Status == 429));
        Assert.Equal(5, await app.ReadAsync(db => db.OneTimeCodes.Select(c => c.Attempts).SingleAsync()));
    }
}
