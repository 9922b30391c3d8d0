using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace ChatMvc.Tests.Accounts;

/// <summary>What somebody with time and addresses can do at the door, measured. The bench runs the same for a month.</summary>
public sealed class AttackTests(ITestOutputHelper output)
{
    private const string Maya = "+12139990101";
    /// <summary>Four addresses in each of fifty networks.</summary>
    private const int Many = 200;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Theory]
    [InlineData(1)]
    [InlineData(Many)]
    public async Task A_number_is_guessed_at_25_times_an_hour_and_little_more_a_day(int addresses)
    {
        await using var app = await TestApp.StartAsync();
        var result = await Attacks.GuessAsync(app, Maya, addresses, 2 * Day);
        output.WriteLine($"One number from {addresses} addresses in two days: {result}");
        Assert.InRange(result.GuessesAnHour, 20, 25);
        // Fifteen codes with five tries, and where there are new networks one more code in 65 minutes.
        Assert.InRange(result.GuessesADay, 50, addresses == 1 ? 75 : 75 + 23 * 5);
    }

    [Theory]
    [InlineData(1, 60)]
    [InlineData(Many, 450)]
    public async Task Over_a_thousand_accounts_guesses_are_bounded_by_the_codes_of_a_day(int addresses, int codes)
    {
        await using var app = await TestApp.StartAsync();
        var numbers = Attacker.Numbers(1_000);
        await Attacks.HaveAccountsAsync(app, numbers);
        var result = await Attacks.AskAsync(app, numbers, addresses, Day, guessing: true);
        output.WriteLine($"A thousand accounts from {addresses} addresses in a day: {result}");
        Assert.Equal(codes, result.Sent);
        Assert.InRange(result.Guesses, codes, codes * 5);
    }

    [Theory]
    [InlineData(1, 1, 30)]
    [InlineData(1, Many, 30)]
    [InlineData(100, 1, 60)]
    [InlineData(100, Many, 350)]
    public async Task Pumping_gets_no_more_messages_than_the_limits_and_an_owner_still_gets_in(int ranges, int addresses, int sent)
    {
        await using var app = await TestApp.StartAsync();
        await Attacks.HaveAccountsAsync(app, [Maya]);
        var result = await Attacks.PumpAsync(app, ranges, addresses, Day - TimeSpan.FromHours(3));
        output.WriteLine($"{ranges} ranges from {addresses} addresses in a day: {result}");
        Assert.InRange(result.Sent, sent * 9 / 10, sent);
        using var owner = new Visitor(app.Address);
        Assert.Equal(303, (await owner.AskFromAsync("203.0.113.1", Maya)).Status);
        Assert.Equal(303, await owner.TypeShownCodeAsync());
    }

    [Fact]
    public async Task Whoever_uses_up_the_day_by_asking_for_accounts_keeps_out_nobody_who_is_known()
    {
        await using var app = await TestApp.StartAsync();
        using var owner = new Visitor(app.Address);
        await owner.SignInAsync(Maya);
        await SignOutAsync(owner);
        var numbers = Attacker.Numbers(1_000);
        await Attacks.HaveAccountsAsync(app, numbers);
        var result = await Attacks.AskAsync(app, numbers, Many, Day - TimeSpan.FromHours(3), guessing: false);
        output.WriteLine($"A thousand accounts asked for from {Many} addresses in a day: {result}");
        using var stranger = new Visitor(app.Address);
        Assert.Equal(429, (await stranger.AskFromAsync("203.0.113.1", Maya)).Status);
        Assert.Equal(303, (await owner.AskFromAsync("203.0.113.1", Maya)).Status);
        Assert.Equal(303, await owner.TypeShownCodeAsync());
        using var elsewhere = new Visitor(app.Address);
        Assert.Equal(303, (await elsewhere.AskFromAsync("127.0.0.1", Maya)).Status);
    }

    [Fact]
    public async Task One_phone_costs_forty_messages_a_day_however_many_browsers_its_owner_signs_in()
    {
        await using var app = await TestApp.StartAsync("Sms:DailyLimit=100");
        var signedIn = 0;
        for (var i = 0; i < 60; i++)
        {
            using var browser = new Visitor(app.Address);
            var asked = await browser.AskFromAsync($"{20 + i}.7.0.1", Maya);
            if (asked.Status == 303 && await browser.TypeShownCodeAsync() == 303) signedIn++;
            app.Time.Advance(TimeSpan.FromMinutes(13));
        }
        output.WriteLine($"Messages to one phone that uses them: {signedIn} in 13 hours");
        Assert.Equal(40, signedIn);
        Assert.Equal(40, await app.ReadAsync(db => db.SmsMessages.CountAsync()));
    }

    [Fact]
    public async Task Countries_that_are_not_served_get_nothing()
    {
        await using var app = await TestApp.StartAsync("Sms:Countries=1,49");
        using var visitor = new Visitor(app.Address);
        foreach (var country in new[] { "44", "7", "882", "881", "979", "53", "252" })
            for (var i = 0; i < 5; i++) Assert.Equal(422, (await visitor.AskFromAsync($"20.7.0.{i}", $"+{country}20794609{i:00}")).Status);
        Assert.Equal(0, await app.ReadAsync(db => db.SmsMessages.CountAsync()));
        Assert.Equal(0, await app.ReadAsync(db => db.OneTimeCodes.CountAsync()));
    }

    [Theory]
    [InlineData("browser", Many, 1)]
    [InlineData("address", Many, 1)]
    [InlineData("neither", 8, 66)]
    // Each of fifty networks takes the extra code once a week.
    [InlineData("neither", Many, 50 * 65 - 24 * 60)]
    public async Task An_owner_gets_in_whatever_strangers_do(string known, int addresses, int minutes)
    {
        await using var app = await TestApp.StartAsync();
        using var owner = new Visitor(app.Address);
        await Attacks.HaveAccountsAsync(app, [Maya]);
        if (known != "neither")
        {
            Assert.Equal(303, (await owner.AskFromAsync("203.0.113.1", Maya)).Status);
            Assert.Equal(303, await owner.TypeShownCodeAsync());
            await SignOutAsync(owner);
        }
        using var anew = new Visitor(app.Address);
        var took = await Attacks.LockOutAsync(app, Maya, addresses, known == "browser" ? owner : anew, known == "address" ? "203.0.113.1" : "192.0.2.1");
        output.WriteLine($"With {addresses} addresses against an owner whose known thing is {known}: in after {took}");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromMinutes(minutes));
    }

    [Fact]
    public async Task Passwords_are_guessed_at_thirty_times_a_day_and_address_and_the_owner_gets_in_by_code()
    {
        await using var app = await TestApp.StartAsync();
        await Attacks.HaveAccountsAsync(app, [Maya]);
        var one = await Attacks.GuessPasswordsAsync(app, [Maya], Many, Day - TimeSpan.FromHours(3));
        output.WriteLine($"One password from {Many} addresses in a day: {one}");
        Assert.Equal(30, one.GuessesADay);
        using var owner = new Visitor(app.Address);
        Assert.Equal(303, (await owner.AskFromAsync("192.0.2.1", Maya)).Status);
        Assert.Equal(303, await owner.TypeShownCodeAsync());

        await using var other = await TestApp.StartAsync();
        var many = await Attacks.GuessPasswordsAsync(other, Attacker.Numbers(1_000), 1, TimeSpan.FromHours(6) - TimeSpan.FromMinutes(1));
        output.WriteLine($"A thousand passwords from one address in six hours: {many}");
        Assert.Equal(6 * 30, many.Guesses);
    }

    private static async Task SignOutAsync(Visitor visitor)
    {
        var form = (await visitor.GetAsync("/signout")).Document.QuerySelector<IHtmlFormElement>("form[action='/signout']")!;
        Assert.Equal(303, (await visitor.SubmitAsync(form)).Status);
    }
}
