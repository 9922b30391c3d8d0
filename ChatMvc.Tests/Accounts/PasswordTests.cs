using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ChatMvc.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using static ChatMvc.Tests.Accounts.PasswordApp;

namespace ChatMvc.Tests.Accounts;

public sealed class PasswordTests
{
    private const string Maya = "+12125550101";
    private const string Omar = "+12125550102";
    private const string Nobody = "+12125550103";
    private const string Other = "seven green kettles";

    [Fact]
    public async Task A_password_is_set_by_whoever_is_signed_in_and_signs_in_from_then_on()
    {
        await using var app = await AccountApp.StartAsync();
        using var phone = app.Browser();
        await phone.SignInAsync(Maya);
        var empty = await phone.GetAsync("/account/password");
        Assert.Null(empty.Document.QuerySelector("#current"));
        Assert.Contains("12 to 128 characters", empty.Document.QuerySelector("#password-hint")!.TextContent, StringComparison.Ordinal);
        var set = await phone.ChangeAsync(null, Good);
        Assert.Equal((303, "/account/password?saved=1"), (set.Status, set.Location));
        var saved = await phone.GetAsync(set.Location!);
        Assert.Contains("saved", saved.Document.QuerySelector("[role=status]")!.TextContent, StringComparison.Ordinal);
        Assert.NotNull(saved.Document.QuerySelector("#current"));

        using var laptop = app.Browser();
        var before = laptop.Cookie("chat");
        var signedIn = await laptop.TypePasswordAsync("(212) 555-0101", Good, "/chats?x=1");
        Assert.Equal((303, "/chats?x=1"), (signedIn.Status, signedIn.Location));
        Assert.NotEqual(before, laptop.Cookie("chat"));
        Assert.Equal((await phone.GetAsync("/me")).Text.Split(' ')[0], (await laptop.GetAsync("/me")).Text.Split(' ')[0]);
        Assert.Equal(0, await app.ReadAsync(db => db.PasswordGuesses.CountAsync()));
    }

    [Fact]
    public async Task A_hash_has_the_cost_we_promise()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        Assert.Equal((2u, 220_000u), Cost((await app.HashOfAsync(Maya))!));
    }

    [Fact]
    public async Task A_weaker_hash_is_made_anew_at_the_next_sign_in()
    {
        await using var app = await AccountApp.StartAsync();
        var weak = new PasswordHasher<string>(Options.Create(new PasswordHasherOptions { IterationCount = 1_000 })).HashPassword("", Good);
        await app.HaveHashAsync(Maya, weak);
        using var maya = app.Browser();
        Assert.Equal(422, (await maya.TypePasswordAsync(Maya, Wrong)).Status);
        Assert.Equal(weak, await app.HashOfAsync(Maya));
        Assert.Equal(303, (await maya.TypePasswordAsync(Maya, Good)).Status);
        Assert.Equal((2u, 220_000u), Cost((await app.HashOfAsync(Maya))!));
        Assert.Equal(303, (await maya.TypePasswordAsync(Maya, Good)).Status);
    }

    [Fact]
    public async Task An_unknown_number_one_without_a_password_and_a_wrong_password_get_the_same_answer()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        await app.HaveHashAsync(Omar, null);
        var answers = new List<string>();
        foreach (var number in new[] { Maya, Omar, Nobody })
        {
            using var browser = app.Browser();
            var answer = await browser.TypePasswordAsync(number, Wrong);
            Assert.Equal(422, answer.Status);
            Assert.Contains("do not go together", answer.Error, StringComparison.Ordinal);
            Assert.Null(browser.Cookie("chat"));
            answers.Add(Shape(answer, number));
        }
        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(answers[0], answers[2]);
        Assert.Equal(3, await app.ReadAsync(db => db.PasswordGuesses.CountAsync()));
    }

    [Fact]
    public async Task Nothing_but_the_whole_password_will_do()
    {
        await using var app = await AccountApp.StartAsync();
        var password = string.Concat(Enumerable.Range(0, 100).Select(i => (char)('a' + i * i * 7 % 26)));
        await app.HaveAsync(Maya, password);
        using var maya = app.Browser();
        foreach (var almost in new[] { password[..72], password.ToUpperInvariant(), password[..99] + "!", password + " " })
            Assert.Equal(422, (await maya.TypePasswordAsync(Maya, almost)).Status);
        Assert.Equal(303, (await maya.TypePasswordAsync(Maya, password)).Status);
    }

    [Fact]
    public async Task A_password_too_long_to_be_one_is_refused_before_it_is_hashed_or_counted()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        foreach (var length in new[] { 129, 900_000 })
        {
            var refused = await maya.TypePasswordAsync(Maya, new string('x', length));
            Assert.Equal(422, refused.Status);
            Assert.Contains("128", refused.Error, StringComparison.Ordinal);
        }
        Assert.Equal(422, (await maya.TypePasswordAsync(Maya, "")).Status);
        Assert.Equal(422, (await maya.TypePasswordAsync("no number", Good)).Status);
        Assert.Equal(0, await app.ReadAsync(db => db.PasswordGuesses.CountAsync()));
    }

    [Fact]
    public async Task Signing_in_again_ends_the_session_before()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        using var browser = app.Browser();
        await browser.SignInAsync(Omar);
        var old = browser.Cookie("chat")!;
        Assert.Equal(303, (await browser.TypePasswordAsync(Maya, Good)).Status);
        Assert.NotEqual(old, browser.Cookie("chat"));
        Assert.Contains(Maya, (await browser.GetAsync("/me")).Text, StringComparison.Ordinal);
        Assert.Equal(303, await WithCookieAsync(app, old));
    }

    [Fact]
    public async Task Who_asked_to_be_forgotten_cannot_sign_in_or_reset()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        await app.WriteAsync("UPDATE Users SET DeletedAt = 1");
        using var maya = app.Browser();
        Assert.Equal(422, (await maya.TypePasswordAsync(Maya, Good)).Status);
        await maya.PostAsync("/password/forgot", ("phone", Maya));
        if ((await maya.GetAsync("/password/reset")).Document.QuerySelector("#sandbox-code")?.TextContent is { } code)
            Assert.Equal(422, (await maya.PostAsync("/password/reset", ("code", code), ("password", Other))).Status);
        Assert.Null(maya.Cookie("chat"));
    }

    [Fact]
    public async Task A_change_needs_the_current_password()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        using var maya = app.Browser();
        await maya.TypePasswordAsync(Maya, Good);
        var hash = await app.HashOfAsync(Maya);
        foreach (var current in new[] { null, "", Wrong, new string('x', 500) })
        {
            var refused = await maya.ChangeAsync(current, Other);
            Assert.Equal(422, refused.Status);
            Assert.Contains("current password", refused.Error, StringComparison.Ordinal);
            Assert.Equal("true", refused.Document.QuerySelector("#current")!.GetAttribute("aria-invalid"));
        }
        var weak = await maya.ChangeAsync(Good, "Password1234");
        Assert.Equal(422, weak.Status);
        Assert.Contains("guessed first", weak.Error, StringComparison.Ordinal);
        Assert.Equal(hash, await app.HashOfAsync(Maya));
        Assert.Equal(200, (await maya.GetAsync("/me")).Status);
        Assert.Equal(0, app.Twilio.Received);
    }

    [Fact]
    public async Task A_change_signs_the_other_devices_out_and_tells_the_owner()
    {
        await using var app = await AccountApp.StartAsync("PublicUrl=https://chat.example.com");
        await app.HaveAsync(Maya);
        using var phone = app.Browser();
        using var laptop = app.Browser();
        await phone.TypePasswordAsync(Maya, Good);
        await laptop.TypePasswordAsync(Maya, Good);
        var old = phone.Cookie("chat")!;
        Assert.Equal(303, (await phone.ChangeAsync(Good, Other)).Status);
        Assert.NotEqual(old, phone.Cookie("chat"));
        Assert.Equal(200, (await phone.GetAsync("/me")).Status);
        Assert.Equal(303, (await laptop.GetAsync("/me")).Status);
        Assert.Equal(303, await WithCookieAsync(app, old));
        var text = await app.EventuallyAsync(_ => Task.FromResult(app.Twilio.LastTo(Maya)?.Body), b => b is not null);
        Assert.Equal("Your ChatMvc password was changed. If it was not you, reset it: https://chat.example.com/password/forgot", text);
        Assert.All(text!, c => Assert.InRange(c, ' ', '~'));
        Assert.Equal(422, (await laptop.TypePasswordAsync(Maya, Good)).Status);
        Assert.Equal(303, (await laptop.TypePasswordAsync(Maya, Other)).Status);
    }

    [Fact]
    public async Task The_owner_is_told_ten_times_a_day_and_within_the_daily_limit()
    {
        await using var app = await AccountApp.StartAsync("Sms:DailyLimit=12");
        await app.HaveHashAsync(Maya, null);
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        // Nine today, and codes do not count among them.
        await app.WriteAsync(string.Concat(Enumerable.Range(1, 9).Select(i =>
            $"INSERT INTO SmsMessages (\"To\", State, CreatedAt, Attempts) VALUES ('{Maya}', 'Sent', {app.Time.GetUtcNow().ToUnixTimeMilliseconds() - i * 1000}, 1);")));
        Assert.Equal(303, (await maya.ChangeAsync(null, Good)).Status);
        Assert.Equal(11, await app.ReadAsync(db => db.SmsMessages.CountAsync()));
        Assert.Equal(303, (await maya.ChangeAsync(Good, Other)).Status);
        Assert.Equal(11, await app.ReadAsync(db => db.SmsMessages.CountAsync()));
        await app.WriteAsync($"UPDATE SmsMessages SET \"To\" = '{Omar}'");
        Assert.Equal(303, (await maya.ChangeAsync(Other, Good)).Status);
        Assert.Equal(12, await app.ReadAsync(db => db.SmsMessages.CountAsync()));
        Assert.Equal(303, (await maya.ChangeAsync(Good, Other)).Status);
        Assert.Equal(12, await app.ReadAsync(db => db.SmsMessages.CountAsync()));
    }

    [Fact]
    public async Task A_forgotten_password_is_reset_by_a_code_which_a_refused_one_does_not_use_up()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        using var phone = app.Browser();
        using var laptop = app.Browser();
        await laptop.TypePasswordAsync(Maya, Good);
        var asked = await phone.PostAsync("/password/forgot", ("phone", "212 555 0101"), ("returnUrl", "/chats?x=1"));
        Assert.Equal((303, "/password/reset?returnUrl=%2Fchats%3Fx%3D1"), (asked.Status, asked.Location));
        var code = await phone.ResetCodeAsync();
        // Good for this alone, and not to sign in.
        Assert.Equal(303, (await phone.TypeAsync(code)).Status);
        Assert.Null(phone.Cookie("chat"));

        foreach (var bad in new[] { "short", "Password1234", "2125550101 ok", new string('x', 900) })
        {
            var refused = await phone.PostAsync("/password/reset", ("code", code), ("password", bad));
            Assert.Equal(422, refused.Status);
            Assert.Equal("true", refused.Document.QuerySelector("#password")!.GetAttribute("aria-invalid"));
            Assert.Null(refused.Document.QuerySelector("#code")!.GetAttribute("aria-invalid"));
        }
        var wrong = await phone.PostAsync("/password/reset", ("code", code == "000000" ? "111111" : "000000"), ("password", Other));
        Assert.Equal(422, wrong.Status);
        Assert.Contains("4 tries are left", wrong.Error, StringComparison.Ordinal);
        Assert.Equal(200, (await laptop.GetAsync("/me")).Status);

        var reset = await phone.PostAsync("/password/reset", ("code", code), ("password", Other), ("returnUrl", "/chats?x=1"));
        Assert.Equal((303, "/chats?x=1"), (reset.Status, reset.Location));
        Assert.Contains(Maya, (await phone.GetAsync("/me")).Text, StringComparison.Ordinal);
        Assert.Equal(303, (await laptop.GetAsync("/me")).Status);
        await app.EventuallyAsync(_ => Task.FromResult(app.Twilio.LastTo(Maya)?.Body), b => b?.StartsWith("Your ChatMvc password was changed.", StringComparison.Ordinal) == true);
        Assert.Equal(422, (await laptop.TypePasswordAsync(Maya, Good)).Status);
        Assert.Equal(303, (await laptop.TypePasswordAsync(Maya, Other)).Status);
        Assert.Equal(422, (await phone.PostAsync("/password/reset", ("code", code), ("password", Good))).Status);
    }

    [Fact]
    public async Task An_unknown_number_sees_the_same_pages_and_gets_no_message()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        using var known = app.Browser();
        using var unknown = app.Browser();
        Assert.Equal(Shape(await known.PostAsync("/password/forgot", ("phone", Maya)), Maya),
            Shape(await unknown.PostAsync("/password/forgot", ("phone", Nobody)), Nobody));
        Assert.Equal(Shape(await known.GetAsync("/password/reset"), Maya), Shape(await unknown.GetAsync("/password/reset"), Nobody));
        Assert.Equal(Shape(await known.PostAsync("/password/reset", ("code", "12"), ("password", Other)), Maya),
            Shape(await unknown.PostAsync("/password/reset", ("code", "12"), ("password", Other)), Nobody));
        Assert.Equal(422, (await unknown.PostAsync("/password/reset", ("code", "123456"), ("password", Other))).Status);
        Assert.Equal(429, (await unknown.PostAsync("/password/forgot", ("phone", Nobody))).Status);
        await app.EventuallyAsync(_ => Task.FromResult(app.Twilio.LastTo(Maya)), m => m is not null);
        Assert.Equal(1, app.Twilio.Received);
    }

    [Fact]
    public async Task A_code_to_reset_is_good_only_in_the_browser_that_asked()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        using var maya = app.Browser();
        using var thief = app.Browser();
        await maya.PostAsync("/password/forgot", ("phone", Maya));
        var code = await maya.ResetCodeAsync();
        var typed = await thief.PostAsync("/password/reset", ("code", code), ("password", Other));
        Assert.Equal((303, "/password/forgot?returnUrl=%2Fchats"), (typed.Status, typed.Location));
        Assert.Null(thief.Cookie("chat"));
    }

    [Fact]
    public async Task Pages_speak_to_password_managers_and_lead_to_each_other()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        var byCode = await maya.GetAsync("/signin?returnUrl=%2Fhistory");
        Assert.NotNull(byCode.Document.QuerySelector("a[href='/signin/password?returnUrl=%2Fhistory']"));
        var byPassword = (await maya.GetAsync("/signin/password?returnUrl=%2Fhistory")).Document;
        Assert.NotNull(byPassword.QuerySelector("a[href='/signin?returnUrl=%2Fhistory']"));
        Assert.NotNull(byPassword.QuerySelector("a[href='/password/forgot?returnUrl=%2Fhistory']"));
        Assert.Equal("username", byPassword.QuerySelector("#phone")!.GetAttribute("autocomplete"));
        Assert.Equal("current-password", byPassword.QuerySelector("#password")!.GetAttribute("autocomplete"));

        await maya.SignInAsync(Maya);
        await maya.ChangeAsync(null, Good);
        var change = (await maya.GetAsync("/account/password")).Document;
        Assert.Equal("current-password", change.QuerySelector("#current")!.GetAttribute("autocomplete"));
        Assert.Equal("new-password", change.QuerySelector("#password")!.GetAttribute("autocomplete"));
        var username = change.QuerySelector("[autocomplete=username]")!;
        Assert.Equal(("tel", Maya, true), (username.GetAttribute("type"), username.GetAttribute("value"), username.HasAttribute("hidden")));
        Assert.All(change.QuerySelectorAll("[type=password]"), field => Assert.False(field.HasAttribute("maxlength")));
        Assert.Equal("/chats", (await maya.GetAsync("/signin/password")).Location);
        await maya.PostAsync("/signout");
        Assert.Equal("/signin?returnUrl=%2Faccount%2Fpassword", (await maya.GetAsync("/account/password")).Location);
    }

    [Fact]
    public async Task A_password_stands_in_no_file_no_log_and_no_page()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        Answer[] answers =
        [
            await maya.ChangeAsync(null, Good), await maya.ChangeAsync(Wrong, Other), await maya.ChangeAsync(Good, "Password1234"),
            await maya.TypePasswordAsync(Maya, Wrong), await maya.TypePasswordAsync("no number", Good), await maya.TypePasswordAsync(Maya, Good),
            await maya.PostBareAsync("/signin/password", [], ("phone", Maya), ("password", Good)),
            await maya.PostBareAsync("/account/password", [], ("current", Good), ("password", Other)),
        ];
        Assert.Equal([303, 422, 422, 422, 422, 303, 400, 400], answers.Select(a => a.Status));
        string[] secrets = [Good, Wrong, Other, "Password1234"];
        foreach (var secret in secrets)
        {
            Assert.All(answers, a => Assert.DoesNotContain(secret, a.Text, StringComparison.Ordinal));
            Assert.DoesNotContain(secret, app.Log.All, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(Maya[1..], app.Log.All, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(app.Folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) is not ("lock" or "control.sock")))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await open.CopyToAsync(bytes);
            foreach (var secret in secrets) Assert.True(bytes.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) < 0, $"A password stands in {file}.");
        }
    }

    /// <summary>Pseudo-random function (2 is HMAC-SHA512) and iterations.</summary>
    private static (uint Function, uint Iterations) Cost(string hash)
    {
        var bytes = Convert.FromBase64String(hash);
        Assert.Equal(1, bytes[0]);
        return (BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(1)), BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(5)));
    }

    private static async Task<int> WithCookieAsync(AccountApp app, string cookie)
    {
        using var browser = app.Browser();
        browser.Cookies.Add(app.Address, new Cookie("chat", cookie));
        return (await browser.GetAsync("/me")).Status;
    }

    /// <summary>Everything but the token, the sandbox's code and the number that was typed.</summary>
    private static string Shape(Answer answer, string number)
    {
        var text = Regex.Replace(answer.Text, "(?<=name=\"__RequestVerificationToken\"[^>]*value=\")[^\"]*", "token");
        text = Regex.Replace(text, "(?s)\\s+(<p class=\"sandbox-code\">.*?</p>\\s+)?<form", "\n<form");
        text = text.Replace(WebUtility.HtmlEncode(number), "PHONE", StringComparison.Ordinal).Replace(number, "PHONE", StringComparison.Ordinal)
            .Replace("&#x2B;" + number[1..], "PHONE", StringComparison.Ordinal).Replace(number[^4..], "LAST", StringComparison.Ordinal);
        var headers = answer.Headers.Where(h => h.Key is not "Date" and not "Set-Cookie").OrderBy(h => h.Key).Select(h => $"{h.Key}: {h.Value[0]}");
        return $"{answer.Status} {answer.Location} {string.Join(' ', headers)}\n{text}";
    }
}
