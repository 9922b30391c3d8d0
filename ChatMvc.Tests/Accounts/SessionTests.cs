using ChatMvc.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Accounts;

public sealed class SessionTests
{
    private const string Maya = "+12125550101";

    [Fact]
    public async Task A_stranger_is_sent_to_sign_in_and_back()
    {
        await using var app = await AccountApp.StartAsync();
        using var visitor = app.Browser();
        var plain = await visitor.GetAsync("/me?q=a%20b");
        Assert.Equal((303, "/signin?returnUrl=%2Fme%3Fq%3Da%2520b"), (plain.Status, plain.Location));
        var htmx = await visitor.GetAsync("/me", ("HX-Request", "true"), ("HX-Current-URL", $"{app.Address}chats?y=2"));
        Assert.Equal((401, "/signin?returnUrl=%2Fchats%3Fy%3D2"), (htmx.Status, htmx.Header("HX-Redirect")));
        Assert.Equal("HX-Request", htmx.Header("Vary"));
        var foreign = await visitor.GetAsync("/me", ("HX-Request", "true"), ("HX-Current-URL", "http://evil.example/x"));
        Assert.Equal("/signin?returnUrl=%2Fchats", foreign.Header("HX-Redirect"));
        var form = await visitor.PostBareAsync("/me", [("Referer", $"{app.Address}chats?z=3")], ("text", "hello"));
        Assert.Equal((303, "/signin?returnUrl=%2Fchats%3Fz%3D3"), (form.Status, form.Location));
    }

    [Theory]
    [InlineData("/nothing-here")]
    [InlineData("/.git/config")]
    [InlineData("/appsettings.json")]
    public async Task A_page_that_never_was_is_404_for_strangers_too(string path)
    {
        await using var app = await AccountApp.StartAsync();
        using var visitor = app.Browser();
        Assert.Equal(404, (await visitor.GetAsync(path)).Status);
    }

    [Fact]
    public async Task Pages_need_a_person_by_default_and_the_current_user_refuses_to_be_nobody()
    {
        await using var app = await AccountApp.StartAsync();
        using var scope = app.Services.CreateScope();
        var me = scope.ServiceProvider.GetRequiredService<CurrentUser>();
        Assert.False(me.IsSignedIn);
        Assert.Throws<InvalidOperationException>(() => me.User);
        Assert.Throws<InvalidOperationException>(() => me.Id);
        Assert.Throws<InvalidOperationException>(() => me.SessionId);
    }

    [Fact]
    public async Task The_cookie_is_our_own_and_holds_little()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var browser = (await app.Browser().GetAsync("/signin")).Headers["Set-Cookie"].Single(c => c.StartsWith("browser=", StringComparison.Ordinal));
        foreach (var part in new[] { "httponly", "samesite=lax", "path=/", "max-age=34560000" }) Assert.Contains(part, browser, StringComparison.Ordinal);
        Assert.DoesNotContain("secure", browser, StringComparison.Ordinal);
        var cookie = (await maya.TypeAsync(await maya.CodeAsync())).Headers["Set-Cookie"].Single(c => c.StartsWith("chat=", StringComparison.Ordinal));
        foreach (var part in new[] { "httponly", "samesite=lax", "path=/" }) Assert.Contains(part, cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("secure", cookie, StringComparison.Ordinal);
        Assert.InRange(cookie.Length, 50, 600);
        Assert.Equal("no-store", (await maya.GetAsync("/me")).Header("Cache-Control"));
    }

    [Fact]
    public async Task Over_https_the_cookie_is_bound_to_the_host()
    {
        await using var app = await AccountApp.StartAsync();
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = app.Address };
        http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        var jar = new Dictionary<string, string>();
        foreach (var ours in await SendAsync(HttpMethod.Get, "/signin")) Assert.Contains("secure", ours, StringComparison.Ordinal);
        await SendAsync(HttpMethod.Post, "/signin", ("phone", Maya));
        await app.EventuallyAsync(_ => Task.FromResult(app.Twilio.LastTo(Maya)), m => m is not null);
        var set = await SendAsync(HttpMethod.Post, "/signin/code", ("code", app.Twilio.LastTo(Maya)!.Body[..6]));
        var cookie = set.Single(c => c.StartsWith("__Host-chat=", StringComparison.Ordinal));
        foreach (var part in new[] { "httponly", "samesite=lax", "path=/", "secure" }) Assert.Contains(part, cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("domain", cookie, StringComparison.Ordinal);
        Assert.False(jar.ContainsKey("chat"));
        await SendAsync(HttpMethod.Get, "/me", 200);
        // Over plain http that cookie counts for nothing.
        http.DefaultRequestHeaders.Remove("X-Forwarded-Proto");
        await SendAsync(HttpMethod.Get, "/me", 303);

        async Task<string[]> SendAsync(HttpMethod method, string path, params object[] rest)
        {
            using var request = new HttpRequestMessage(method, path);
            var fields = rest.OfType<(string, string)>().ToList();
            if (fields.Count > 0)
            {
                using var form = new HttpRequestMessage(HttpMethod.Get, "/signin");
                form.Headers.TryAddWithoutValidation("Cookie", Jar());
                using var page = await http.SendAsync(form);
                Keep(page);
                var token = System.Text.RegularExpressions.Regex.Match(await page.Content.ReadAsStringAsync(), "__RequestVerificationToken\"[^>]*value=\"([^\"]+)").Groups[1].Value;
                request.Content = new FormUrlEncodedContent([.. fields.Select(f => KeyValuePair.Create(f.Item1, f.Item2)), new("__RequestVerificationToken", token)]);
            }
            request.Headers.TryAddWithoutValidation("Cookie", Jar());
            using var response = await http.SendAsync(request);
            if (rest is [int status]) Assert.Equal(status, (int)response.StatusCode);
            return Keep(response);
        }

        string Jar() => string.Join("; ", jar.Select(c => $"{c.Key}={c.Value}"));

        string[] Keep(HttpResponseMessage response)
        {
            var set = response.Headers.TryGetValues("Set-Cookie", out var values) ? values.ToArray() : [];
            foreach (var cookie in set) jar[cookie.Split('=')[0]] = cookie.Split(';')[0][(cookie.IndexOf('=') + 1)..];
            return set;
        }
    }

    [Fact]
    public async Task Each_sign_in_makes_a_new_cookie_and_ends_the_one_before()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        var first = maya.Cookie("chat")!;
        await maya.SignInAsync(Maya);
        Assert.NotEqual(first, maya.Cookie("chat"));
        Assert.Equal(2, await app.ReadAsync(db => db.Sessions.CountAsync()));
        Assert.Equal(303, await WithCookieAsync(app, first));
        Assert.Equal(200, await WithCookieAsync(app, maya.Cookie("chat")!));
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_not_only_the_cookie()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        var cookie = maya.Cookie("chat")!;
        var answer = await maya.PostAsync("/signout");
        Assert.Equal((303, "/signin"), (answer.Status, answer.Location));
        Assert.Null(maya.Cookie("chat"));
        Assert.Equal(303, await WithCookieAsync(app, cookie));
        Assert.NotNull(await app.ReadAsync(db => db.Sessions.Select(s => s.RevokedAt).SingleAsync()));
    }

    [Fact]
    public async Task A_form_from_before_signing_in_is_not_taken_afterwards()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.AskAsync(Maya);
        var code = await maya.CodeAsync();
        var old = (await maya.GetAsync("/signin")).Document.QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        await maya.TypeAsync(code);
        Assert.Equal(400, (await maya.PostBareAsync("/signout", [], ("__RequestVerificationToken", old))).Status);
        Assert.Equal(400, (await maya.PostBareAsync("/signout", [])).Status);
        Assert.Equal(200, (await maya.GetAsync("/me")).Status);
    }

    [Fact]
    public async Task A_session_ends_after_two_weeks_of_silence()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        app.Time.Advance(TimeSpan.FromDays(14) - TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await maya.GetAsync("/me")).Status);
        app.Time.Advance(TimeSpan.FromDays(14));
        Assert.Equal(303, (await maya.GetAsync("/me")).Status);
        Assert.Null(maya.Cookie("chat"));
    }

    [Fact]
    public async Task A_session_in_use_ends_after_thirty_days()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        for (var day = 1; day < 30; day++)
        {
            app.Time.Advance(TimeSpan.FromDays(1));
            Assert.Equal(200, (await maya.GetAsync("/me")).Status);
        }
        app.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(303, (await maya.GetAsync("/me")).Status);
    }

    [Fact]
    public async Task Being_seen_is_written_once_a_day()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        var first = await SeenAsync();
        app.Time.Advance(TimeSpan.FromHours(23));
        await maya.GetAsync("/me");
        Assert.Equal(first, await SeenAsync());
        app.Time.Advance(TimeSpan.FromHours(2));
        await maya.GetAsync("/me");
        var second = await SeenAsync();
        Assert.InRange(second - first, TimeSpan.FromHours(24), TimeSpan.FromHours(26));
        await maya.GetAsync("/me");
        Assert.Equal(second, await SeenAsync());

        Task<DateTimeOffset> SeenAsync() => app.ReadAsync(db => db.Sessions.Select(s => s.LastSeenAt).SingleAsync());
    }

    [Fact]
    public async Task A_short_idle_time_does_not_end_a_session_in_use()
    {
        await using var app = await AccountApp.StartAsync("Sessions:Idle=00:10:00");
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        for (var i = 0; i < 10; i++)
        {
            app.Time.Advance(TimeSpan.FromMinutes(5));
            Assert.Equal(200, (await maya.GetAsync("/me")).Status);
        }
        app.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(303, (await maya.GetAsync("/me")).Status);
    }

    [Fact]
    public async Task A_restart_keeps_people_signed_in_and_lost_keys_sign_them_out()
    {
        var folder = Directory.CreateTempSubdirectory("chatmvc-").FullName;
        try
        {
            string cookie;
            await using (var app = await AccountApp.StartInAsync(folder))
            {
                using var maya = app.Browser();
                await maya.SignInAsync(Maya);
                cookie = maya.Cookie("chat")!;
            }
            await using (var app = await AccountApp.StartInAsync(folder)) Assert.Equal(200, await WithCookieAsync(app, cookie));
            Directory.Delete(Path.Combine(folder, "keys"), recursive: true);
            await using (var app = await AccountApp.StartInAsync(folder)) Assert.Equal(303, await WithCookieAsync(app, cookie));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Lost_keys_make_no_form_a_fault()
    {
        var folder = Directory.CreateTempSubdirectory("chatmvc-").FullName;
        try
        {
            List<System.Net.Cookie> cookies;
            string token;
            await using (var app = await AccountApp.StartInAsync(folder))
            {
                using var maya = app.Browser();
                await maya.SignInAsync(Maya);
                token = (await maya.GetAsync("/signout")).Document.QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!;
                cookies = maya.Cookies.GetCookies(app.Address).Cast<System.Net.Cookie>().ToList();
            }
            Directory.Delete(Path.Combine(folder, "keys"), recursive: true);
            await using (var app = await AccountApp.StartInAsync(folder))
            {
                using var maya = app.Browser();
                cookies.ForEach(c => maya.Cookies.Add(app.Address, new System.Net.Cookie(c.Name, c.Value)));
                Assert.Equal(303, (await maya.PostBareAsync("/me", [], ("text", "hello"), ("__RequestVerificationToken", token))).Status);
                var asked = await maya.PostBareAsync("/signin", [], ("phone", "212 555 0101"), ("__RequestVerificationToken", token));
                Assert.Equal(400, asked.Status);
                Assert.Equal("212 555 0101", asked.Document.QuerySelector("[name=phone]")!.TextContent);
                await maya.SignInAsync(Maya);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Old_codes_and_sessions_are_forgotten()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        await maya.AskAsync("+12125550102");
        app.Time.Advance(TimeSpan.FromDays(6));
        await SweepAsync();
        Assert.Equal(2, await app.ReadAsync(db => db.OneTimeCodes.CountAsync()));
        app.Time.Advance(TimeSpan.FromDays(2));
        await SweepAsync();
        Assert.Equal(1, await app.ReadAsync(db => db.OneTimeCodes.CountAsync(c => c.RedeemedAt != null)));
        Assert.Equal(1, await app.ReadAsync(db => db.OneTimeCodes.CountAsync()));
        Assert.Equal(1, await app.ReadAsync(db => db.Sessions.CountAsync()));
        app.Time.Advance(TimeSpan.FromDays(60));
        await SweepAsync();
        Assert.Equal(0, await app.ReadAsync(db => db.Sessions.CountAsync()));
        Assert.Equal(1, await app.ReadAsync(db => db.OneTimeCodes.CountAsync()));
        app.Time.Advance(TimeSpan.FromDays(400));
        await SweepAsync();
        Assert.Equal(0, await app.ReadAsync(db => db.OneTimeCodes.CountAsync()));

        async Task SweepAsync()
        {
            using var scope = app.Services.CreateScope();
            await scope.ServiceProvider.GetRequiredService<AccountSweep>().RunAsync("", CancellationToken.None);
        }
    }

    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox on Linux")]
    [InlineData("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Mobile Safari/537.36", "Chrome on Android")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36 Edg/129.0", "Edge on Windows")]
    [InlineData("<script>", "Unknown browser")]
    [InlineData(null, "Unknown browser")]
    public void A_device_has_a_name_that_people_know(string? userAgent, string name) => Assert.Equal(name, DeviceName.Of(userAgent));

    private static async Task<int> WithCookieAsync(AccountApp app, string cookie)
    {
        using var browser = app.Browser();
        browser.Cookies.Add(app.Address, new System.Net.Cookie("chat", cookie));
        return (await browser.GetAsync("/me")).Status;
    }
}
