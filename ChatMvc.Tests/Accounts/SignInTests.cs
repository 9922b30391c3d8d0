using System.Text;
using System.Text.RegularExpressions;
using ChatMvc.Accounts;
using ChatMvc.Sms;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Accounts;

public sealed partial class SignInTests
{
    private const string Maya = "+12125550101";
    private const string Omar = "+12125550102";

    [Fact]
    public async Task A_number_and_its_code_make_an_account_and_the_next_time_find_it()
    {
        await using var app = await AccountApp.StartAsync();
        using var phone = app.Browser();
        var asked = await phone.AskAsync("(212) 555-0101", "/chats?x=1");
        Assert.Equal((303, "/signin/code?returnUrl=%2Fchats%3Fx%3D1"), (asked.Status, asked.Location));
        var page = await phone.GetAsync(asked.Location!);
        Assert.DoesNotContain(Maya, page.Document.QuerySelector("main h1 ~ p")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("one-time-code", page.Document.QuerySelector("#code")!.GetAttribute("autocomplete"));
        Assert.Equal("numeric", page.Document.QuerySelector("#code")!.GetAttribute("inputmode"));
        using var another = app.Browser();
        var field = (await another.GetAsync("/signin")).Document.QuerySelector("#phone")!;
        Assert.Equal(("tel", "tel", "tel"), (field.GetAttribute("type"), field.GetAttribute("inputmode"), field.GetAttribute("autocomplete")));
        var code = page.Document.QuerySelector("#sandbox-code")!.TextContent;
        var typed = await phone.PostAsync("/signin/code", ("code", code), ("returnUrl", "/chats?x=1"));
        Assert.Equal((303, "/chats?x=1"), (typed.Status, typed.Location));
        var first = (await phone.GetAsync("/me")).Text;
        Assert.Contains(Maya, first, StringComparison.Ordinal);

        using var laptop = app.Browser();
        await laptop.SignInAsync(Maya);
        var second = (await laptop.GetAsync("/me")).Text;
        Assert.Equal(first.Split(' ')[0], second.Split(' ')[0]);
        Assert.NotEqual(first.Split(' ')[2], second.Split(' ')[2]);
        Assert.Equal(1, await app.ReadAsync(db => db.Users.CountAsync()));
    }

    [Theory]
    [InlineData("{0} {1} {2} {3} {4} {5}")]
    [InlineData("{0}{1}{2}-{3}{4}{5}")]
    [InlineData("  {0}{1}{2}\u00a0{3}{4}{5}.")]
    public async Task Spaces_and_dashes_in_a_code_are_forgiven(string format)
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var digits = (await maya.CodeAsync()).Select(c => (object)c).ToArray();
        Assert.Equal(303, (await maya.TypeAsync(string.Format(null, CompositeFormat.Parse(format), digits))).Status);
    }

    [Fact]
    public async Task Full_width_digits_are_digits()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var wide = string.Concat((await maya.CodeAsync()).Select(c => (char)(c - '0' + '\uff10')));
        Assert.Equal(303, (await maya.TypeAsync(wide)).Status);
    }

    [Theory]
    [InlineData("hello there", "not a phone number")]
    [InlineData("", "not a phone number")]
    [InlineData("+44 20 7946 0958", "country")]
    public async Task A_number_that_cannot_be_used_comes_back_with_the_reason(string typed, string reason)
    {
        await using var app = await AccountApp.StartAsync("Sms:Countries=1,49");
        using var maya = app.Browser();
        var answer = await maya.AskAsync(typed, "/chats/x");
        Assert.Equal(422, answer.Status);
        Assert.Contains(reason, answer.Error, StringComparison.Ordinal);
        var field = answer.Document.QuerySelector("#phone")!;
        Assert.Equal(typed, field.GetAttribute("value") ?? "");
        Assert.Equal("true", field.GetAttribute("aria-invalid"));
        Assert.Contains(answer.Document.QuerySelector("[data-notice=error]")!.Id!, field.GetAttribute("aria-describedby"), StringComparison.Ordinal);
        Assert.Equal("/chats/x", answer.Document.QuerySelector("[name=returnUrl]")!.GetAttribute("value"));
        Assert.Equal(0, app.Twilio.Received);
    }

    [Theory]
    [InlineData("Sms:Countries=*")]
    [InlineData("Sms:Countries=1,8,9")]
    public async Task Premium_and_satellite_numbers_are_served_nowhere(string countries)
    {
        await using var app = await AccountApp.StartAsync(countries);
        using var maya = app.Browser();
        foreach (var number in new[] { "+1 900 555 0100", "+881 6 1234 5678", "+882 16 123 4567", "+870 773 123456", "+979 1 2345 6789" })
        {
            var answer = await maya.AskAsync(number);
            Assert.Equal(422, answer.Status);
            Assert.Contains("country or kind", answer.Error, StringComparison.Ordinal);
        }
        Assert.Equal(0, await app.ReadAsync(db => db.SmsMessages.CountAsync()));
    }

    [Fact]
    public async Task The_default_region_completes_a_number()
    {
        await using var app = await AccountApp.StartAsync("Sms:Countries=49,1");
        using var maya = app.Browser();
        Assert.Equal(303, (await maya.AskAsync("0171 2345678")).Status);
        await maya.CodeAsync();
        Assert.NotNull(app.Twilio.LastTo("+491712345678"));
    }

    [Fact]
    public async Task Wrong_codes_are_counted_and_the_last_one_locks()
    {
        await using var app = await AccountApp.StartAsync("Otp:MaxAttempts=3");
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var code = await maya.CodeAsync();
        var wrong = await maya.TypeAsync(Other(code));
        Assert.Equal(422, wrong.Status);
        Assert.Contains("2 tries are left", wrong.Error, StringComparison.Ordinal);
        Assert.Equal("true", wrong.Document.QuerySelector("#code")!.GetAttribute("aria-invalid"));
        // What is no code at all is no guess.
        Assert.Equal(422, (await maya.TypeAsync("12345")).Status);
        Assert.Contains("One try is left", (await maya.TypeAsync(Other(code))).Error, StringComparison.Ordinal);
        var locked = await maya.TypeAsync(Other(code));
        Assert.Equal(429, locked.Status);
        Assert.InRange(locked.RetryAfter, 1, 30);
        Assert.Equal(429, (await maya.TypeAsync(code)).Status);
        Assert.Null(maya.Cookie("chat"));
    }

    [Fact]
    public async Task A_code_is_good_once()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var code = await maya.CodeAsync();
        await maya.TypeAsync(code);
        await maya.PostAsync("/signout");
        var again = await maya.TypeAsync(code);
        Assert.Equal(422, again.Status);
        Assert.Contains("new one", again.Error, StringComparison.Ordinal);
        Assert.Null(maya.Cookie("chat"));
    }

    [Theory]
    [InlineData(299, 303)]
    [InlineData(301, 422)]
    public async Task A_code_lives_five_minutes(int seconds, int status)
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var code = await maya.CodeAsync();
        app.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
        if (status == 422) app.Time.Advance(TimeSpan.FromSeconds(1));
        var typed = await maya.TypeAsync(code);
        Assert.Equal(status, typed.Status);
        if (status == 422) Assert.Contains("ask for a new one", typed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_is_good_only_in_the_browser_that_asked()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        using var thief = app.Browser();
        await maya.AskAsync(Maya);
        var code = await maya.CodeAsync();
        Assert.Equal((303, "/signin?returnUrl=%2Fchats"), ((await thief.GetAsync("/signin/code")).Status, (await thief.GetAsync("/signin/code")).Location));
        // Nobody asked in that browser at all.
        var typed = await thief.TypeAsync(code);
        Assert.Equal((303, "/signin?returnUrl=%2Fchats"), (typed.Status, typed.Location));
        // It asked for another number.
        await thief.AskAsync(Omar);
        Assert.NotEqual(code, await thief.CodeAsync());
        Assert.Equal(422, (await thief.TypeAsync(code)).Status);
        Assert.Null(thief.Cookie("chat"));
        Assert.Equal(303, (await maya.TypeAsync(code)).Status);
    }

    [Fact]
    public async Task A_new_code_retires_the_earlier_one_of_this_browser_alone()
    {
        await using var app = await AccountApp.StartAsync();
        using var laptop = app.Browser();
        using var phone = app.Browser();
        await laptop.AskAsync(Maya);
        var first = await laptop.CodeAsync();
        app.Time.Advance(TimeSpan.FromSeconds(31));
        await phone.AskAsync(Maya);
        var other = await phone.CodeAsync();
        app.Time.Advance(TimeSpan.FromSeconds(61));
        // The button of the code page: the number stands in the form, not in an address.
        var button = (await laptop.GetAsync("/signin/code")).Document.QuerySelector(".again")!;
        Assert.Equal("/signin", button.GetAttribute("action"));
        await laptop.AskAsync(button.QuerySelector("[name=phone]")!.GetAttribute("value")!);
        var second = await laptop.CodeAsync();
        Assert.Equal(1, await app.ReadAsync(db => db.OneTimeCodes.CountAsync(c => c.RetiredAt != null)));
        if (first != second) Assert.Equal(422, (await laptop.TypeAsync(first)).Status);
        Assert.Equal(303, (await laptop.TypeAsync(second)).Status);
        Assert.Equal(303, (await phone.TypeAsync(other)).Status);
    }

    [Theory]
    [InlineData("SignUp:Mode=open")]
    [InlineData("SignUp:Mode=invited")]
    [InlineData("SignUp:Mode=closed")]
    public async Task Known_unknown_and_refused_numbers_get_the_same_answers(string mode)
    {
        await using var app = await AccountApp.StartAsync(mode, "Operators=+12125550199");
        await app.WriteAsync($"INSERT INTO Users (Phone, CreatedAt, SafetyKey) VALUES ('{Maya}', 0, 'x')");
        using var known = app.Browser();
        using var unknown = app.Browser();
        var (a, b) = (await known.AskAsync(Maya), await unknown.AskAsync(Omar));
        Assert.Equal(Shape(a), Shape(b));
        Assert.Equal(Shape(await known.GetAsync("/signin/code")), Shape(await unknown.GetAsync("/signin/code")));
        Assert.Equal(Shape(await known.TypeAsync("12")), Shape(await unknown.TypeAsync("12")));
        Assert.Equal(Shape(await known.AskAsync(Maya)), Shape(await unknown.AskAsync(Omar)));
        Assert.NotNull(app.Twilio.LastTo(Maya));
        Assert.Equal(mode == "SignUp:Mode=open", app.Twilio.LastTo(Omar) is not null);
        Assert.Equal(2, await app.ReadAsync(db => db.OneTimeCodes.CountAsync(c => c.CodeMac.Length == 32)));
        Assert.Equal(2, await app.ReadAsync(db => db.SmsMessages.CountAsync()));
    }

    [Fact]
    public async Task An_invited_number_may_open_an_account_and_no_other()
    {
        await using var app = await AccountApp.StartAsync("SignUp:Mode=invited", "Operators=+12125550199");
        await app.WriteAsync($"INSERT INTO Invitations (Phone, InvitedAt) VALUES ('{Maya}', 0)");
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        Assert.Null(await app.ReadAsync(db => db.Invitations.Select(i => i.AcceptedAt).SingleAsync()));
        await maya.TypeAsync(await maya.CodeAsync());
        Assert.NotNull(await app.ReadAsync(db => db.Invitations.Select(i => i.AcceptedAt).SingleAsync()));
        using var omar = app.Browser();
        await omar.AskAsync(Omar);
        Assert.Equal(SmsState.Withheld, await app.ReadAsync(db => db.SmsMessages.Where(s => s.To == Omar).Select(s => s.State).SingleAsync()));
        Assert.Equal(1, app.Twilio.Received);
        Assert.Equal(422, (await omar.TypeAsync("123456")).Status);
        using var ops = app.Browser();
        await ops.SignInAsync("+12125550199");
    }

    [Fact]
    public async Task Where_sign_up_is_closed_an_invitation_opens_nothing_but_operators_get_in()
    {
        await using var app = await AccountApp.StartAsync("SignUp:Mode=closed", "Operators=+12125550199");
        await app.WriteAsync($"INSERT INTO Invitations (Phone, InvitedAt) VALUES ('{Maya}', 0)");
        using var maya = app.Browser();
        Assert.Equal(303, (await maya.AskAsync(Maya)).Status);
        Assert.Equal(SmsState.Withheld, await app.ReadAsync(db => db.SmsMessages.Select(s => s.State).SingleAsync()));
        using var ops = app.Browser();
        await ops.SignInAsync("+12125550199");
    }

    [Fact]
    public async Task The_code_stands_in_no_file_and_no_log_in_clear()
    {
        await using var app = await AccountApp.StartAsync();
        // Held back at the carrier, so that the text still lies where it waits.
        await app.WriteAsync("CREATE TRIGGER hold BEFORE UPDATE ON SmsMessages WHEN new.State = 'Sending' BEGIN SELECT RAISE(ABORT, 'held'); END");
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var waiting = await app.ReadAsync(db => db.SmsMessages.SingleAsync());
        Assert.Equal(SmsState.Waiting, waiting.State);
        Assert.NotNull(waiting.ProtectedBody);
        var browserHash = await app.ReadAsync(db => db.OneTimeCodes.Select(c => c.BrowserHash).SingleAsync());
        var sealedFiles = await ReadFilesAsync(app.Folder);
        // Its failure is logged with all that was to be written.
        await app.EventuallyAsync(_ => Task.FromResult(app.Log.All), log => log.Contains("SmsMessages", StringComparison.Ordinal));
        await app.WriteAsync("DROP TRIGGER hold");
        var code = SixDigits().Match((await maya.GetAsync("/signin/code")).Document.QuerySelector("#sandbox-code")?.TextContent
            ?? (await app.EventuallyAsync(_ => Task.FromResult(app.Twilio.LastTo(Maya)?.Body), b => b is not null))!).Value;
        Assert.Equal(6, code.Length);
        // The code's row is in what was read, in the database or in its log.
        Assert.Contains(sealedFiles, f => Path.GetFileName(f.Name).StartsWith("chat.db", StringComparison.Ordinal) && f.Bytes.AsSpan().IndexOf(browserHash) >= 0);
        foreach (var (name, bytes) in sealedFiles.Concat(await ReadFilesAsync(app.Folder)))
        {
            Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(code)) < 0, $"The code stands in {name}.");
            Assert.True(bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(code)) < 0, $"The code stands in {name}.");
        }
        Assert.Equal(303, (await maya.TypeAsync(code)).Status);
        // The carrier has the text a moment before its row says so.
        await app.EventuallyAsync(db => db.SmsMessages.AllAsync(s => s.ProtectedBody == null), gone => gone);
        Assert.DoesNotContain(code, app.Log.All, StringComparison.Ordinal);
        Assert.DoesNotContain(Maya[1..], app.Log.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_row_alone_does_not_tell_the_code()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var code = await maya.CodeAsync();
        var row = await app.ReadAsync(db => db.OneTimeCodes.AsNoTracking().SingleAsync());
        var settings = new OtpSettings { MaxAttempts = 20 };
        // With the browser's secret the digits match; with anything that stands in the row they do not.
        string[] guesses = [Convert.ToHexString(row.BrowserHash), Convert.ToBase64String(row.BrowserHash), row.Phone, ""];
        foreach (var guess in guesses) Assert.Equal(Redemption.Wrong, row.Redeem(code, guess, row.CreatedAt, settings));
        Assert.Equal(Redemption.Redeemed, row.Redeem(code, maya.Cookie("browser")!, row.CreatedAt, settings));
    }

    [Theory]
    [InlineData(21211, "mobile")]
    [InlineData(21614, "mobile")]
    [InlineData(21408, "cannot send")]
    [InlineData(21610, "START")]
    [InlineData(21608, "not your fault")]
    [InlineData(30007, "another number")]
    [InlineData(29999, "new code")]
    public async Task The_page_says_why_a_message_did_not_leave(int errorCode, string words)
    {
        await using var app = await AccountApp.StartAsync();
        app.Twilio.WillRefuse(errorCode);
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        await app.EventuallyAsync(db => db.SmsMessages.Select(s => s.State).SingleAsync(), s => s == SmsState.Failed);
        Assert.Contains(words, (await maya.GetAsync("/signin/code")).Error, StringComparison.Ordinal);
        Assert.Equal(1, app.Twilio.Received);
    }

    [Fact]
    public async Task A_visitor_through_a_proxy_sees_no_sandbox_code()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        Assert.Null((await maya.GetAsync("/signin/code", ("X-Forwarded-For", "203.0.113.7"))).Document.QuerySelector("#sandbox-code"));
        Assert.NotNull((await maya.GetAsync("/signin/code")).Document.QuerySelector("#sandbox-code"));
    }

    private static string Other(string code) => code == "000000" ? "111111" : "000000";

    /// <summary>Everything but what is random, or was typed.</summary>
    private static string Shape(Answer answer)
    {
        var text = Regex.Replace(answer.Text, "name=\"__RequestVerificationToken\"[^>]*value=\"[^\"]*\"", "token");
        text = Regex.Replace(text, "(?s)<p class=\"sandbox-code\">.*?</p>", "");
        text = text.Replace(Maya, "PHONE", StringComparison.Ordinal).Replace(Omar, "PHONE", StringComparison.Ordinal)
            .Replace("0101", "LAST", StringComparison.Ordinal).Replace("0102", "LAST", StringComparison.Ordinal);
        var names = answer.Headers.Where(h => h.Key is not "Date" and not "Set-Cookie").OrderBy(h => h.Key).Select(h => $"{h.Key}: {h.Value[0]}");
        var shape = $"{answer.Status} {answer.Location} {string.Join(' ', names)} {text}";
        shape = Regex.Replace(shape, "in [0-9]+ seconds|Retry-After: [0-9]+", "some seconds");
        return Regex.Replace(shape, "\\s+", " ");
    }

    private static async Task<List<(string Name, byte[] Bytes)>> ReadFilesAsync(string folder)
    {
        var files = new List<(string, byte[])>();
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) is not ("lock" or "control.sock")))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await open.CopyToAsync(bytes);
            files.Add((file, bytes.ToArray()));
        }
        Assert.Contains(files, f => f.Item1.EndsWith("jobs.db", StringComparison.Ordinal));
        return files;
    }

    [GeneratedRegex("[0-9]{6}")]
    private static partial Regex SixDigits();
}
