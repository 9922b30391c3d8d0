using System.Text.RegularExpressions;
using ChatMvc.Accounts;
using ChatMvc.Sandbox;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Accounts;

public sealed partial class DeliveryTests
{
    private const string Maya = "+12125550101";
    private const string Omar = "+12125550102";
    private const string HandedOver = "Handed to the carrier. Most text messages arrive within a minute.";
    private static readonly (string, string) ByHtmx = ("HX-Request", "true");

    [Fact]
    public async Task Whoever_waits_sees_the_message_arrive()
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.WillReport(TwilioReport.Delivered);
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        await ReportedAsync(app, SmsState.Delivered);
        var page = await maya.GetAsync("/signin/code");
        Assert.Equal("Delivered to your phone.", Words(page));
        // An end: nothing is looked for any more.
        Assert.Null(page.Document.QuerySelector("[hx-get], .check-again, script"));
    }

    [Theory]
    [InlineData(30003, "Switch it on")]
    [InlineData(30004, "carrier refused")]
    [InlineData(30005, "does not know this number")]
    [InlineData(30006, "landline")]
    [InlineData(30007, "spam")]
    [InlineData(30034, "not your fault")]
    [InlineData(null, "carrier refused")]
    public async Task A_carriers_refusal_is_told_with_what_to_do(int? code, string words)
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.WillReport(TwilioReport.Undelivered, code);
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        await ReportedAsync(app, SmsState.Undelivered);
        var page = await maya.GetAsync("/signin/code");
        Assert.Contains(words, page.Error, StringComparison.Ordinal);
        Assert.Null(page.Document.QuerySelector("[hx-get], .check-again, script"));
    }

    [Fact]
    public async Task A_page_looks_for_changes_and_has_a_link_for_those_without_scripts()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var page = await maya.GetAsync("/signin/code?returnUrl=%2Fchats%2Fx");
        Assert.Equal(HandedOver, Words(page));
        Assert.Equal("/signin/code?returnUrl=%2Fchats%2Fx", page.Document.QuerySelector(".check-again")!.GetAttribute("href"));
        Assert.NotNull(page.Document.QuerySelector("script[src]"));
        var poll = page.Document.QuerySelector("#delivery")!.GetAttribute("hx-get")!;
        await SentAsync(app);
        Assert.Equal((204, ""), ((await maya.GetAsync(poll, ByHtmx)).Status, (await maya.GetAsync(poll, ByHtmx)).Text));

        await app.WriteAsync("UPDATE SmsMessages SET CarrierStatus = 'sent'");
        var sent = await maya.GetAsync(poll, ByHtmx);
        Assert.StartsWith("Sent.", Words(sent), StringComparison.Ordinal);
        Assert.Null(sent.Document.QuerySelector("main"));
        var next = sent.Document.QuerySelector("#delivery")!.GetAttribute("hx-get")!;
        Assert.Equal(204, (await maya.GetAsync(next, ByHtmx)).Status);

        await app.WriteAsync("UPDATE SmsMessages SET State = 'Delivered', CarrierStatus = 'delivered'");
        var delivered = await maya.GetAsync(next, ByHtmx);
        Assert.Equal("Delivered to your phone.", Words(delivered));
        Assert.Null(delivered.Document.QuerySelector("[hx-get]"));
        // A wrong code shows the page again, and the link still leads to where it was asked from.
        await app.WriteAsync("UPDATE SmsMessages SET State = 'Sent', CarrierStatus = 'sent'");
        var wrong = await maya.PostAsync("/signin/code", ("code", "12"), ("returnUrl", "/chats/x"));
        Assert.Equal("/signin/code?returnUrl=%2Fchats%2Fx", wrong.Document.QuerySelector(".check-again")!.GetAttribute("href"));
    }

    [Fact]
    public async Task After_ten_minutes_nobody_looks_any_more()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var poll = (await maya.GetAsync("/signin/code")).Document.QuerySelector("#delivery")!.GetAttribute("hx-get")!;
        await SentAsync(app);
        app.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(204, (await maya.GetAsync(poll, ByHtmx)).Status);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        var over = await maya.GetAsync(poll, ByHtmx);
        Assert.Equal((200, HandedOver), (over.Status, Words(over)));
        Assert.Null(over.Document.QuerySelector("[hx-get]"));
        Assert.Null((await maya.GetAsync("/signin/code")).Document.QuerySelector("[hx-get], .check-again, script"));
    }

    [Fact]
    public async Task The_part_is_no_page_and_says_nothing_to_a_browser_that_never_asked()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        using var thief = app.Browser();
        await maya.AskAsync(Maya);
        Assert.Equal((303, "/signin/code"), ((await maya.GetAsync("/signin/code/delivery?purpose=SignIn")).Status, (await maya.GetAsync("/signin/code/delivery?purpose=SignIn")).Location));
        foreach (var path in new[] { "/signin/code/delivery?purpose=SignIn", "/signin/code/delivery?purpose=DeleteAccount", "/signin/code/delivery?purpose=nonsense" })
        {
            var answer = await thief.GetAsync(path, ByHtmx);
            Assert.Equal((200, ""), (answer.Status, answer.Text.Trim()));
        }
    }

    [Fact]
    public async Task A_message_that_waits_for_another_attempt_says_so()
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.Behaviour = new() { Code = 20429, RetryAfterSeconds = 120, Times = 1 };
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        await app.EventuallyAsync(db => db.SmsMessages.Select(s => s.NextAttemptAt).SingleAsync(), at => at is not null);
        Assert.Contains("try again in a moment", Words(await maya.GetAsync("/signin/code")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SignUp:Mode=closed", 'd')]
    [InlineData("SignUp:Mode=closed", 'u')]
    [InlineData("SignUp:Mode=closed", 'r')]
    [InlineData("SignUp:Mode=closed", 'b')]
    [InlineData("SignUp:Mode=invited", 'd')]
    [InlineData("Sms:DailyLimit=1", 'd')]
    public async Task A_stranger_cannot_tell_a_number_with_an_account_by_how_its_message_fares(string setting, char fate)
    {
        await using var app = await AccountApp.StartAsync(setting == "Sms:DailyLimit=1" ? "Sms:DailyLimit=4" : setting, "Operators=+12125550199");
        await app.WriteAsync($"INSERT INTO Users (Phone, CreatedAt, SafetyKey) VALUES ('{Maya}', 0, 'x')");
        // Three of four are sent: the rest of the day is for accounts.
        if (setting == "Sms:DailyLimit=1") foreach (var used in new[] { "+12125550111", "+12125550112", "+12125550113" }) await SpendAsync(app, used);
        if (fate == 'b') await app.WriteAsync($"INSERT INTO SmsBlocks (Phone, ErrorCode, Until) VALUES ('{Maya}', 21610, {app.Time.GetUtcNow().AddMinutes(5).ToUnixTimeMilliseconds()})");
        if (fate == 'd') app.Twilio.WillReport(TwilioReport.Delivered);
        if (fate == 'u') app.Twilio.WillReport(TwilioReport.Undelivered, 30006);
        if (fate == 'r') app.Twilio.WillRefuse(21610);
        using var atMayas = app.Browser();
        using var atOmars = app.Browser();
        await atMayas.AskAsync(Maya);
        await atOmars.AskAsync(Omar);
        var end = fate switch { 'd' => SmsState.Delivered, 'u' => SmsState.Undelivered, 'r' => SmsState.Failed, _ => SmsState.Withheld };
        await app.EventuallyAsync(db => db.SmsMessages.Where(s => s.To == Maya).Select(s => s.State).SingleAsync(), s => s == end);
        Assert.Equal(SmsState.Withheld, await app.ReadAsync(db => db.SmsMessages.Where(s => s.To == Omar).Select(s => s.State).SingleAsync()));
        Assert.Equal(Shape(await atOmars.GetAsync("/signin/code")), Shape(await atMayas.GetAsync("/signin/code")));
        Assert.Equal(HandedOver, Words(await atMayas.GetAsync("/signin/code")));
        foreach (var stage in new[] { "handed", "sent" })
        {
            var poll = $"/signin/code/delivery?purpose=SignIn&stage={stage}";
            Assert.Equal(Shape(await atOmars.GetAsync(poll, ByHtmx)), Shape(await atMayas.GetAsync(poll, ByHtmx)));
        }
    }

    [Fact]
    public async Task A_browser_that_was_signed_in_before_sees_it_also_where_sign_up_is_closed()
    {
        await using var app = await AccountApp.StartAsync("SignUp:Mode=closed", $"Operators={Maya}");
        await app.WriteAsync($"INSERT INTO Users (Phone, CreatedAt, SafetyKey) VALUES ('{Maya}', 0, 'x')");
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        await maya.PostAsync("/signout");
        app.Time.Advance(TimeSpan.FromMinutes(1));
        app.Twilio.WillReport(TwilioReport.Undelivered, 30004);
        await maya.AskAsync(Maya);
        await app.EventuallyAsync(db => db.SmsMessages.OrderByDescending(s => s.Id).Select(s => s.State).FirstAsync(), s => s == SmsState.Undelivered);
        Assert.Contains("carrier refused", (await maya.GetAsync("/signin/code")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_that_opted_out_gets_nothing_more_and_is_told_how_to_come_back()
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.WillRefuse(21610);
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        await app.EventuallyAsync(db => db.SmsMessages.Select(s => s.State).SingleAsync(), s => s == SmsState.Failed);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(303, (await maya.AskAsync(Maya)).Status);
        await app.EventuallyAsync(db => db.SmsMessages.CountAsync(s => s.State == SmsState.Withheld), n => n == 1);
        Assert.Equal(1, app.Twilio.Received);
        Assert.Contains($"Text START to {SandboxTwilio.From}", (await maya.GetAsync("/signin/code")).Error, StringComparison.Ordinal);
        app.Time.Advance(TimeSpan.FromMinutes(11));
        await maya.AskAsync(Maya);
        await maya.CodeAsync();
        Assert.Equal(2, app.Twilio.Received);
    }

    [Theory]
    [InlineData(CodePurpose.OldNumber, true)]
    [InlineData(CodePurpose.DeleteAccount, true)]
    [InlineData(CodePurpose.NewNumber, false)]
    [InlineData(CodePurpose.ResetPassword, false)]
    public async Task Codes_for_ones_own_account_show_it_and_those_that_would_tell_of_anothers_do_not(CodePurpose purpose, bool shows)
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        var userId = long.Parse((await maya.GetAsync("/me")).Text.Split(' ')[0]);
        await app.WriteAsync($"INSERT INTO Users (Phone, CreatedAt, SafetyKey) VALUES ('{Omar}', 0, 'x')");
        // The browser that redeemed a code of this number would be known: here it is new, with the same session.
        await app.WriteAsync("DELETE FROM OneTimeCodes");
        app.Time.Advance(TimeSpan.FromMinutes(1));
        app.Twilio.WillReport(TwilioReport.Delivered);
        var to = purpose switch { CodePurpose.NewNumber => "+12125550103", CodePurpose.ResetPassword => Omar, _ => Maya };
        await using (var scope = app.Services.CreateAsyncScope())
        {
            var request = new CodeRequest(PhoneNumber.Parse(to), purpose, maya.Cookie("browser")!, "127.0.0.1", purpose == CodePurpose.ResetPassword ? null : userId);
            Assert.IsType<AskedForCode.OnItsWay>(await scope.ServiceProvider.GetRequiredService<OneTimeCodes>().AskForAsync(request, CancellationToken.None));
        }
        await app.EventuallyAsync(db => db.SmsMessages.OrderByDescending(s => s.Id).Select(s => s.State).FirstAsync(), s => s == SmsState.Delivered);
        var part = await maya.GetAsync($"/signin/code/delivery?purpose={purpose}&stage=none", ByHtmx);
        Assert.Equal(shows ? "Delivered to your phone." : HandedOver, Words(part));
    }

    private static Task<SmsState> ReportedAsync(AccountApp app, SmsState state) =>
        app.EventuallyAsync(db => db.SmsMessages.Select(s => s.State).SingleAsync(), s => s == state);

    private static Task<SmsState> SentAsync(AccountApp app) => ReportedAsync(app, SmsState.Sent);

    private static async Task SpendAsync(AccountApp app, string phone)
    {
        using var browser = app.Browser();
        await browser.AskAsync(phone);
        await app.EventuallyAsync(db => db.SmsMessages.Where(s => s.To == phone).Select(s => s.State).SingleAsync(), s => s == SmsState.Sent);
    }

    private static string Words(Answer page) => page.Document.QuerySelector("#delivery")?.TextContent.Trim() ?? "";

    /// <summary>Everything but what is random, and the numbers that were typed.</summary>
    private static string Shape(Answer answer)
    {
        var text = RandomParts().Replace(answer.Text, "").Replace(Maya, "PHONE", StringComparison.Ordinal).Replace(Omar, "PHONE", StringComparison.Ordinal)
            .Replace("0101", "LAST", StringComparison.Ordinal).Replace("0102", "LAST", StringComparison.Ordinal);
        return $"{answer.Status} {string.Join(' ', answer.Headers.Keys.Order())} {Regex.Replace(text, "\\s+", " ")}";
    }

    [GeneratedRegex("(?s)<p class=\"sandbox-code\">.*?</p>|name=\"__RequestVerificationToken\"[^>]*value=\"[^\"]*\"")]
    private static partial Regex RandomParts();
}
