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
    public async Task Where_forms_are_not_slowed_codes_and_passwords_still_are()
    {
        await using var app = await AccountApp.StartAsync("RateLimits:Enabled=false");
        using var maya = app.Browser();
        Assert.Equal(303, (await maya.AskAsync(Maya)).Status);
        Assert.Equal(429, (await maya.AskAsync(Maya)).Status);
        for (var i = 0; i < 4; i++) Assert.Equal(422, (await maya.TypeAsync("000000")).Status);
        Assert.Equal(429, (await maya.TypeAsync("000000")).Status);
        for (var i = 0; i < 5; i++) Assert.Equal(422, (await maya.TypePasswordAsync(Maya, "three loud otters")).Status);
        Assert.Equal(429, (await maya.TypePasswordAsync(Maya, "three loud otters")).Status);
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

    [Fact]
    public async Task The_last_guess_of_an_hour_locks_and_does_not_say_that_none_is_left()
    {
        await using var app = await AccountApp.StartAsync("Otp:MaxPerHour=2", "Otp:MaxAttempts=5");
        var words = new List<string>();
        foreach (var _ in new[] { 1, 2 })
        {
            using var browser = app.Browser();
            Assert.Equal(303, (await browser.AskAsync(Maya)).Status);
            var wrong = await app.CodeSentToAsync(Maya) == "000000" ? "111111" : "000000";
            for (var guess = 0; guess < 5; guess++)
            {
                var answer = await browser.TypeAsync(wrong);
                words.Add($"{answer.Status} {answer.Error}");
            }
            app.Time.Advance(TimeSpan.FromMinutes(2));
        }
        // One of the ten is kept for an address that is new to the number.
        Assert.Equal(9, await app.ReadAsync(db => db.OneTimeCodes.SumAsync(c => c.Attempts)));
        Assert.StartsWith("422 That is not the code. One try is left.", words[^3], StringComparison.Ordinal);
        Assert.StartsWith("429 ", words[^2], StringComparison.Ordinal);
        Assert.DoesNotContain(words, w => w.Contains("0 tries", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_strangers_used_up_a_number_an_address_that_is_new_gets_one_code_more_an_hour()
    {
        await using var app = await AccountApp.StartAsync();
        using var stranger = app.Browser("198.51.100.1");
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(303, (await stranger.AskAsync(Maya)).Status);
            app.Time.Advance(TimeSpan.FromMinutes(10));
        }
        app.Time.Advance(-TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(10));
        Assert.Equal(429, (await stranger.AskAsync(Maya)).Status);
        using var owner = app.Browser("203.0.113.1");
        Assert.InRange((await owner.AskAsync(Maya)).RetryAfter, 10, 20);
        app.Time.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal(303, (await owner.AskAsync(Maya)).Status);

        // Once: neither the same address nor the next new one.
        app.Time.Advance(TimeSpan.FromMinutes(2));
        using var second = app.Browser("203.0.113.2");
        Assert.All([(await owner.AskAsync(Maya)).Status, (await second.AskAsync(Maya)).Status], status => Assert.Equal(429, status));
        Assert.Equal(303, (await owner.TypeAsync(await app.CodeSentToAsync(Maya))).Status);

        // An hour and a code's life later there is another, whatever the strangers did meanwhile; not for a network of this week.
        for (var i = 0; i < 7; i++)
        {
            app.Time.Advance(TimeSpan.FromMinutes(10));
            await stranger.AskAsync(Maya);
        }
        Assert.Equal(429, (await stranger.AskAsync(Maya)).Status);
        app.Time.Advance(TimeSpan.FromSeconds(31));
        using var neighbour = app.Browser("203.0.113.3");
        Assert.Equal(429, (await neighbour.AskAsync(Maya)).Status);
        using var third = app.Browser("192.0.2.1");
        Assert.Equal(303, (await third.AskAsync(Maya)).Status);
    }

    [Fact]
    public async Task The_extra_code_has_few_tries_and_no_25_guesses_an_hour_are_exceeded_with_it()
    {
        await using var app = await AccountApp.StartAsync();
        var browsers = Enumerable.Range(1, 12).Select(i => app.Browser($"198.51.100.{i}")).ToList();
        foreach (var (browser, minute) in browsers.Select((b, i) => (b, i)))
        {
            if (minute > 5) app.Time.Advance(TimeSpan.FromSeconds(31));
            else app.Time.Advance(TimeSpan.FromSeconds(480));
            if ((await browser.AskAsync(Maya)).Status != 303) continue;
            for (var guess = 0; guess < 6; guess++) await browser.TypeAsync("000000");
        }
        var attempts = await app.ReadAsync(db => db.OneTimeCodes.OrderBy(c => c.Id).Select(c => c.Attempts).ToListAsync());
        Assert.Equal([5, 5, 5, 5, 2, 3], attempts);
        browsers.ForEach(b => b.Dispose());
    }

    [Fact]
    public async Task An_address_that_the_number_signed_in_from_within_thirty_days_is_not_hit_by_strangers()
    {
        await using var app = await AccountApp.StartAsync();
        using var laptop = app.Browser("203.0.113.1");
        await laptop.AskAsync(Maya);
        Assert.Equal(303, (await laptop.TypeAsync(await app.CodeSentToAsync(Maya))).Status);
        app.Time.Advance(TimeSpan.FromDays(20));
        await UseUpAsync("198.51.100");
        using var atHome = app.Browser("203.0.113.1");
        Assert.Equal(303, (await atHome.AskAsync(Maya)).Status);
        using var elsewhere = app.Browser("203.0.113.2");
        Assert.Equal(429, (await elsewhere.AskAsync(Maya)).Status);

        app.Time.Advance(TimeSpan.FromDays(11));
        await UseUpAsync("198.51.101");
        using var later = app.Browser("203.0.113.1");
        Assert.Equal(429, (await later.AskAsync(Maya)).Status);
        // Its own browser stays known.
        Assert.Equal(303, (await laptop.AskAsync(Maya)).Status);

        async Task UseUpAsync(string network)
        {
            for (var i = 1; i <= 6; i++)
            {
                using var stranger = app.Browser($"{network}.{i}");
                Assert.Equal(303, (await stranger.AskAsync(Maya)).Status);
                app.Time.Advance(TimeSpan.FromSeconds(i < 6 ? 480 : 31));
            }
        }
    }

    [Fact]
    public async Task An_address_gets_twenty_codes_an_hour_that_it_does_not_use()
    {
        await using var app = await AccountApp.StartAsync();
        using (var used = app.Browser()) await used.SignInAsync("+12124440101");
        for (var i = 0; i < 20; i++)
        {
            using var browser = app.Browser();
            Assert.Equal(303, (await browser.AskAsync($"+1212{500 + i}0101")).Status);
        }
        using var next = app.Browser();
        var refused = await next.AskAsync("+12126660101");
        Assert.Equal(429, refused.Status);
        Assert.InRange(refused.RetryAfter, 58 * 60, 60 * 60);
        Assert.Contains("from your network", refused.Error, StringComparison.Ordinal);
        Assert.Contains("minutes", refused.Error, StringComparison.Ordinal);
        using var elsewhere = app.Browser("203.0.113.1");
        Assert.Equal(303, (await elsewhere.AskAsync("+12126660101")).Status);
        // Who signed in here before is no stranger.
        using var known = app.Browser();
        Assert.Equal(303, (await known.AskAsync("+12124440101")).Status);
        app.Time.Advance(TimeSpan.FromSeconds(refused.RetryAfter));
        Assert.Equal(303, (await next.AskAsync("+12126670101")).Status);
    }

    [Fact]
    public async Task Pumping_over_a_range_of_numbers_stops_at_ten_an_hour_and_thirty_a_day()
    {
        await using var app = await AccountApp.StartAsync();
        using var owner = app.Browser("203.0.113.1");
        await owner.AskAsync("+12125559999");
        await owner.TypeAsync(await app.CodeSentToAsync("+12125559999"));
        await owner.PostAsync("/signout");
        var next = 0;
        for (var hour = 0; hour < 4; hour++)
        {
            var answers = new List<Answer>();
            // From one address, then from a new one each.
            for (var i = 0; i < 15; i++)
            {
                using var browser = app.Browser($"198.51.{(i < 5 ? 100 : 100 + hour)}.{(i < 5 ? 1 : i)}");
                answers.Add(await browser.AskAsync($"+1212555{next++:0000}"));
            }
            var allowed = hour < 3 ? 10 : 0;
            Assert.Equal(allowed, answers.Count(a => a.Status == 303));
            Assert.All(answers.Skip(allowed), a => Assert.Equal(429, a.Status));
            Assert.All(answers.Skip(allowed), a => Assert.Contains("numbers like this one", a.Error, StringComparison.Ordinal));
            Assert.InRange(answers[^1].RetryAfter, hour < 2 ? 3000 : 20 * 3600, hour < 2 ? 3600 : 24 * 3600);
            // The number beside the range is another.
            using var beside = app.Browser($"198.51.99.{hour}");
            Assert.Equal(303, (await beside.AskAsync($"+1212556000{hour}")).Status);
            await app.EventuallyAsync(db => db.SmsMessages.CountAsync(s => s.State == SmsState.Waiting || s.State == SmsState.Sending), n => n == 0);
            app.Time.Advance(TimeSpan.FromHours(1));
        }
        Assert.Equal(1 + 30 + 4, app.Twilio.Received);
        Assert.Equal(303, (await owner.AskAsync("+12125559999")).Status);
    }

    [Fact]
    public async Task An_hour_of_the_server_has_its_limit_and_its_last_part_is_for_those_who_have_an_account()
    {
        await using var app = await AccountApp.StartAsync("Sms:DailyLimit=100");
        using var maya = app.Browser("203.0.113.1");
        await maya.AskAsync(Maya);
        await maya.TypeAsync(await app.CodeSentToAsync(Maya));
        await maya.PostAsync("/signout");
        for (var i = 0; i < 20; i++)
        {
            if (i >= 14) await app.WriteAsync($"INSERT INTO Users (Phone, CreatedAt, SafetyKey) VALUES ('{Number(i)}', 0, 'x{i}')");
            using var browser = app.Browser($"198.51.100.{i}");
            Assert.Equal(303, (await browser.AskAsync(Number(i))).Status);
            if (i is < 14 or 19) continue;
            // A newcomer sees what everybody sees, and is sent nothing.
            using var newcomer = app.Browser($"198.51.101.{i}");
            Assert.Equal(303, (await newcomer.AskAsync(Number(i + 100))).Status);
            Assert.Contains("in an hour", (await newcomer.GetAsync("/signin/code")).Document.QuerySelector("[data-notice=warning]")!.TextContent, StringComparison.Ordinal);
            Assert.Equal(SmsState.Withheld, await app.ReadAsync(db => db.SmsMessages.OrderBy(s => s.Id).Select(s => s.State).LastAsync()));
        }
        foreach (var phone in new[] { Number(300), Number(19) })
        {
            app.Time.Advance(TimeSpan.FromSeconds(31));
            using var late = app.Browser("198.51.102.1");
            var refused = await late.AskAsync(phone);
            Assert.Equal(429, refused.Status);
            Assert.InRange(refused.RetryAfter, 55 * 60, 60 * 60);
            Assert.Contains("in an hour", refused.Error, StringComparison.Ordinal);
        }
        Assert.Equal(303, (await maya.AskAsync(Maya)).Status);

        static string Number(int i) => $"+1212{600 + i}0101";
    }
}
