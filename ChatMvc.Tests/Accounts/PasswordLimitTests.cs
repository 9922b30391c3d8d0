using ChatMvc.Accounts;
using ChatMvc.Accounts.Passwords;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static ChatMvc.Tests.Accounts.PasswordApp;

namespace ChatMvc.Tests.Accounts;

public sealed class PasswordLimitTests
{
    private const string Maya = "+12125550101";

    [Fact]
    public async Task After_five_wrong_ones_the_wait_doubles_and_even_the_right_one_is_not_looked_at()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        using var maya = app.Browser();
        for (var i = 0; i < 5; i++) Assert.Equal(422, (await maya.TypePasswordAsync(Maya, Wrong)).Status);
        foreach (var wait in new[] { 10, 20, 40 })
        {
            var stopped = await maya.TypePasswordAsync(Maya, Good, "/history");
            Assert.Equal(429, stopped.Status);
            Assert.InRange(stopped.RetryAfter, 1, wait);
            Assert.Contains("try again in", stopped.Error, StringComparison.Ordinal);
            Assert.NotNull(stopped.Document.QuerySelector("[data-notice=error] a[href='/signin?returnUrl=%2Fhistory']"));
            Assert.Equal(Maya, stopped.Document.QuerySelector("#phone")!.GetAttribute("value"));
            Assert.Equal(429, (await maya.TypePasswordAsync(Maya, Wrong)).Status);
            app.Time.Advance(TimeSpan.FromSeconds(stopped.RetryAfter));
            Assert.Equal(422, (await maya.TypePasswordAsync(Maya, Wrong)).Status);
        }
        Assert.Equal(8, await app.ReadAsync(db => db.PasswordGuesses.CountAsync()));
        Assert.Null(maya.Cookie("chat"));
        app.Time.Advance(TimeSpan.FromSeconds(80));
        Assert.Equal(303, (await maya.TypePasswordAsync(Maya, Good)).Status);
        Assert.Equal(0, await app.ReadAsync(db => db.PasswordGuesses.CountAsync()));
    }

    [Fact]
    public async Task The_right_one_is_refused_like_a_wrong_one_while_stopped()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        await GuessedAsync(app, Maya, "203.0.113.1", Enumerable.Repeat(0, 8));
        using var maya = app.Browser();
        var (right, wrong) = (await maya.TypePasswordAsync(Maya, Good), await maya.TypePasswordAsync(Maya, Wrong));
        Assert.Equal((429, 429), (right.Status, wrong.Status));
        Assert.Equal(Words(right), Words(wrong));
        static string Words(Answer answer) => System.Text.RegularExpressions.Regex.Replace(answer.Document.QuerySelector("main")!.TextContent, "[0-9]+ seconds", "some seconds");
    }

    [Fact]
    public async Task A_hundred_guesses_from_a_hundred_addresses_come_to_ten_and_the_owner_gets_in_by_code()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        using var stranger = app.Browser();
        var judged = 0;
        for (var i = 0; i < 100; i++)
        {
            if ((await stranger.TypePasswordFromAsync($"203.0.113.{i}", Maya, Wrong)).Status == 422) judged++;
            app.Time.Advance(TimeSpan.FromSeconds(5.9));
        }
        Assert.InRange(judged, 6, 10);
        using var owner = app.Browser();
        Assert.Equal(429, (await owner.TypePasswordAsync(Maya, Good)).Status);
        await owner.SignInAsync(Maya);
    }

    [Fact]
    public async Task A_number_takes_thirty_guesses_a_day()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        await GuessedAsync(app, Maya, "203.0.113.1", Enumerable.Range(0, 30).Select(i => 40 + 40 * i));
        using var maya = app.Browser();
        var stopped = await maya.TypePasswordAsync(Maya, Good);
        Assert.Equal(429, stopped.Status);
        Assert.InRange(stopped.RetryAfter, 4 * 3600 - 60, 4 * 3600);
        Assert.Contains("in 4 hours", stopped.Error, StringComparison.Ordinal);
        app.Time.Advance(TimeSpan.FromSeconds(stopped.RetryAfter));
        Assert.Equal(303, (await maya.TypePasswordAsync(Maya, Good)).Status);
    }

    [Fact]
    public async Task One_password_over_many_numbers_is_stopped_by_address()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        for (var i = 0; i < 28; i++) await GuessedAsync(app, $"+121255502{i:00}", "203.0.113.7", [20]);
        using var stranger = app.Browser();
        foreach (var (number, status) in new[] { ("+12125550301", 422), ("+12125550302", 422), ("+12125550303", 429), (Maya, 429) })
            Assert.Equal(status, (await stranger.TypePasswordFromAsync("203.0.113.7", number, Good)).Status);
        Assert.Equal(303, (await stranger.TypePasswordFromAsync("203.0.113.8", Maya, Good)).Status);
        app.Time.Advance(TimeSpan.FromMinutes(41));
        using var later = app.Browser();
        Assert.Equal(303, (await later.TypePasswordFromAsync("203.0.113.7", Maya, Good)).Status);
    }

    [Fact]
    public async Task Strangers_do_not_lock_an_owner_out_of_a_browser_that_is_known_nor_it_them()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        using var owner = app.Browser();
        await owner.SignInAsync(Maya);
        await owner.PostAsync("/signout");
        await GuessedAsync(app, Maya, "127.0.0.1", Enumerable.Range(0, 30).Select(i => i));
        using var stranger = app.Browser();
        Assert.Equal(429, (await stranger.TypePasswordAsync(Maya, Good)).Status);
        Assert.Equal(303, (await owner.TypePasswordAsync(Maya, Good)).Status);
        await owner.PostAsync("/signout");
        // Its own budget is bounded too, and a right password does not give strangers a fresh one.
        for (var i = 0; i < 5; i++) Assert.Equal(422, (await owner.TypePasswordAsync(Maya, Wrong)).Status);
        Assert.Equal(429, (await owner.TypePasswordAsync(Maya, Good)).Status);
        Assert.Equal(429, (await stranger.TypePasswordAsync(Maya, Good)).Status);
        Assert.Equal((30, 5), (await app.ReadAsync(db => db.PasswordGuesses.CountAsync(g => g.BrowserHash == null)),
            await app.ReadAsync(db => db.PasswordGuesses.CountAsync(g => g.BrowserHash != null))));
    }

    [Fact]
    public async Task A_browser_that_signed_in_by_password_alone_is_known_to_the_limits_of_codes_until_the_password_changes()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        using var owner = app.Browser();
        Assert.Equal(303, (await owner.TypePasswordAsync(Maya, Good)).Status);
        await owner.PostAsync("/signout");
        using var stranger = app.Browser("198.51.100.1");
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(303, (await stranger.AskAsync(Maya)).Status);
            app.Time.Advance(TimeSpan.FromSeconds(480));
        }
        Assert.Equal(429, (await stranger.AskAsync(Maya)).Status);
        Assert.Equal(303, await FromTheStrangersAddressAsync(owner));
        await using (var scope = app.Services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<AccountSweep>().RunAsync("", CancellationToken.None);
        app.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(303, await FromTheStrangersAddressAsync(owner));

        using var elsewhere = app.Browser();
        // Of messages that come to the carrier in one moment any may be taken for the last.
        await app.EventuallyAsync(db => db.SmsMessages.CountAsync(s => s.State == SmsState.Waiting || s.State == SmsState.Sending), count => count == 0);
        app.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(303, (await elsewhere.PostAsync("/password/forgot", ("phone", Maya))).Status);
        Assert.Equal(303, (await elsewhere.PostAsync("/password/reset", ("code", await elsewhere.ResetCodeAsync()), ("password", "seven green kettles"))).Status);
        app.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(429, await FromTheStrangersAddressAsync(owner));

        async Task<int> FromTheStrangersAddressAsync(Browser browser)
        {
            var token = (await browser.GetAsync("/signin")).Document.QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!;
            return (await browser.PostBareAsync("/signin", [("X-Forwarded-For", "198.51.100.1")], ("phone", Maya), ("__RequestVerificationToken", token))).Status;
        }
    }

    [Fact]
    public async Task Twenty_guesses_at_once_are_counted_one_by_one()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        using var stranger = app.Browser();
        await stranger.GetAsync("/signin");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => stranger.TypePasswordAsync(Maya, Wrong)));
        Assert.Equal(5, answers.Count(a => a.Status == 422));
        Assert.Equal(15, answers.Count(a => a.Status == 429));
    }

    [Fact]
    public async Task The_current_password_is_guessed_at_within_the_same_limits()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        using var maya = app.Browser();
        await maya.TypePasswordAsync(Maya, Good);
        for (var i = 0; i < 5; i++) Assert.Equal(422, (await maya.ChangeAsync(Wrong, "seven green kettles")).Status);
        var stopped = await maya.ChangeAsync(Good, "seven green kettles");
        Assert.Equal(429, stopped.Status);
        Assert.NotNull(stopped.Document.QuerySelector("[data-notice=error] a[href^='/password/forgot']"));
    }

    [Fact]
    public async Task Whoever_finds_too_many_waiting_is_asked_to_come_back_and_it_counts_for_nothing()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        var turns = await TakeAllTurnsAsync(app);
        using var maya = app.Browser();
        using var omar = app.Browser();
        await omar.PostAsync("/password/forgot", ("phone", Maya));
        var code = await omar.ResetCodeAsync();
        var (signIn, reset) = (maya.TypePasswordAsync(Maya, Good), omar.PostAsync("/password/reset", ("code", code), ("password", "seven green kettles")));
        foreach (var busy in new[] { await signIn, await reset })
        {
            Assert.Equal((429, 10), (busy.Status, busy.RetryAfter));
            Assert.Contains("Try again in 10 seconds", busy.Error, StringComparison.Ordinal);
        }
        Assert.Equal(0, await app.ReadAsync(db => db.PasswordGuesses.CountAsync()));
        turns.ForEach(t => t.Dispose());
        Assert.Equal(303, (await omar.PostAsync("/password/reset", ("code", code), ("password", "seven green kettles"))).Status);
    }

    [Fact]
    public async Task What_changes_while_a_password_is_looked_at_counts()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        using var phone = app.Browser();
        using var laptop = app.Browser();
        await phone.TypePasswordAsync(Maya, Good);
        await laptop.GetAsync("/signin");
        var turns = await TakeAllTurnsAsync(app);
        var change = phone.ChangeAsync(Good, "seven green kettles");
        await app.EventuallyAsync(db => db.PasswordGuesses.CountAsync(), n => n == 1);
        await app.WriteAsync("UPDATE Sessions SET RevokedAt = 1");
        turns.ForEach(t => t.Dispose());
        Assert.Equal(422, (await change).Status);
        Assert.Equal(303, (await laptop.TypePasswordAsync(Maya, Good)).Status);
        await laptop.PostAsync("/signout");

        turns = await TakeAllTurnsAsync(app);
        var signIn = laptop.TypePasswordAsync(Maya, Good);
        await app.EventuallyAsync(db => db.PasswordGuesses.CountAsync(), n => n == 1);
        await app.WriteAsync("UPDATE Users SET PasswordSetAt = 2, PasswordHash = NULL");
        turns.ForEach(t => t.Dispose());
        Assert.Equal(422, (await signIn).Status);
        Assert.Null(laptop.Cookie("chat"));
    }

    [Fact]
    public async Task Old_guesses_are_forgotten()
    {
        await using var app = await AccountApp.StartAsync();
        await GuessedAsync(app, Maya, "203.0.113.1", [10, 23 * 60, 25 * 60]);
        using var scope = app.Services.CreateScope();
        await scope.ServiceProvider.GetRequiredService<AccountSweep>().RunAsync("", CancellationToken.None);
        Assert.Equal(2, await app.ReadAsync(db => db.PasswordGuesses.CountAsync()));
    }

    private static async Task<List<IDisposable>> TakeAllTurnsAsync(AccountApp app)
    {
        var (hashing, turns) = (app.Services.GetRequiredService<PasswordHashing>(), new List<IDisposable>());
        for (var i = 0; i < Math.Clamp(Environment.ProcessorCount - 1, 1, 4); i++) turns.Add((await hashing.EnterAsync(CancellationToken.None))!);
        return turns;
    }

    private static Task<int> GuessedAsync(AccountApp app, string phone, string address, IEnumerable<int> minutesAgo) =>
        app.ReadAsync(db => db.WriteAsync(() =>
        {
            foreach (var minutes in minutesAgo)
                db.PasswordGuesses.Add(new PasswordGuess(PhoneNumber.Parse(phone), address, null, app.Time.GetUtcNow() - TimeSpan.FromMinutes(minutes)));
            return Task.FromResult(0);
        }));
}
