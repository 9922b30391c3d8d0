using System.Net.Http.Headers;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats;

/// <summary>What is taken and what is refused, with the text kept and nothing stored.</summary>
/// <remarks>Texts that long are not to be part of a test's name, which the runner keeps.</remarks>
public sealed class InputTests
{
    public static TheoryData<string, string> Taken => new()
    {
        { "one character", "a" },
        { "32,000 ASCII", new string('a', Message.MaxText) },
        { "32,000 CJK", new string('漢', Message.MaxText) },
        { "16,000 emoji of two units", string.Concat(Enumerable.Repeat("🥖", Message.MaxText / 2)) },
        { "32,000 with its line ends counted once", string.Concat(Enumerable.Repeat("a\r\n", Message.MaxText / 2)) },
        { "a family of seven code points", "👨‍👩‍👧‍👦" },
        { "right to left", "שלום עולם مرحبا" },
        { "controls", "a\u0001b\u0007\u001bc" },
        { "a control alone", "\u0001" },
        { "a joiner alone", "\u200d" },
        { "markup", "<script>alert(1)</script> & &amp; \" '" },
        { "blank lines around", "\n\n  text  \n\n" },
    };

    [Theory, MemberData(nameof(Taken), DisableDiscoveryEnumeration = true)]
    public async Task A_message_is_stored_and_shown_as_it_was_written(string name, string text)
    {
        Assert.NotEmpty(name);
        await using var app = await TestApp.StartAsync();
        app.OpenAI.WillAnswer("An answer.");
        using var maya = await app.SignInAsAsync("Maya");

        var chat = await maya.StartChatAsync(text);
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());

        var expected = WithOneLineEnd(text);
        Assert.Equal(expected, (await app.MessagesAsync())[0].Text);
        var room = await maya.GetAsync(chat);
        Assert.Equal(expected.Trim(), room.Questions[0].Body());
        Assert.NotEqual("", room.Document.QuerySelector("h1")!.TextContent.Trim());
        Assert.NotEqual("", room.Document.QuerySelector("#rail-chats a")!.TextContent.Trim());
    }

    public static TheoryData<string, string?> Refused => new()
    {
        { "missing", null },
        { "empty", "" },
        { "blank", " \t\r\n\u00a0\u3000 " },
        { "32,001 ASCII", new string('a', Message.MaxText + 1) },
        { "32,001 CJK", new string('漢', Message.MaxText + 1) },
        { "16,000 emoji and a letter", string.Concat(Enumerable.Repeat("🥖", Message.MaxText / 2)) + "a" },
        { "32,001 with its line ends counted once", string.Concat(Enumerable.Repeat("a\r\n", Message.MaxText / 2)) + "a" },
    };

    [Theory, MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task A_message_that_is_none_or_too_long_is_refused_and_stays_in_the_box(string name, string? text)
    {
        Assert.NotEmpty(name);
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An answer.");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);

        foreach (var page in new[] { "/chats", chat })
        {
            var form = (await maya.GetAsync(page)).Compose;
            var fields = Visitor.Fields(form);
            if (text is null) fields.Remove("text");
            else fields["text"] = text;

            var plain = await maya.SendAsync(HttpMethod.Post, form.GetAttribute("action")!, fields, []);
            var byHtmx = await maya.SendAsync(HttpMethod.Post, form.GetAttribute("action")!, fields, [("HX-Request", "true")]);

            Assert.Equal((422, 422), (plain.Status, byHtmx.Status));
            Assert.NotNull(plain.Notice("error"));
            Assert.Equal("true", plain.Compose.QuerySelector("textarea")!.GetAttribute("aria-invalid"));
            // Blanks alone are nothing that would have to be kept.
            Assert.Equal(string.IsNullOrWhiteSpace(text) ? "" : WithOneLineEnd(text), WithOneLineEnd(plain.Typed));
            Assert.Equal(plain.Typed, HtmxTests.ComposerOf(byHtmx).QuerySelector<IHtmlTextAreaElement>("textarea")!.TextContent);
        }
        Assert.Equal(2, (await app.MessagesAsync()).Count);
        Assert.Equal(4, (await maya.GetAsync(chat)).Left);
        Assert.Equal(1, app.OpenAI.Calls.Answers);
    }

    [Theory]
    [InlineData("nonce", null)]
    [InlineData("nonce", "")]
    [InlineData("nonce", "fifteen-letters")]
    [InlineData("nonce", "sixty-five-letters-sixty-five-letters-sixty-five-letters-sixty-fi")]
    [InlineData("model", "gpt-of-nobody")]
    [InlineData("model", "text-embedding-3-small")]
    [InlineData("model", "<script>alert(1)</script>")]
    public async Task A_wrong_field_is_refused_with_the_text_kept(string field, string? value)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var form = (await maya.GetAsync("/chats")).Compose;
        var fields = Visitor.Fields(form, ("text", "How is bread made?"));
        if (value is null) fields.Remove(field);
        else fields[field] = value;

        var refused = await maya.SendAsync(HttpMethod.Post, "/chats", fields, []);

        Assert.Equal(422, refused.Status);
        Assert.NotNull(refused.Notice("error"));
        Assert.Equal("How is bread made?", refused.Typed);
        Assert.Equal(5, refused.Left);
        Assert.Empty(await app.MessagesAsync());
        Assert.Equal(0, app.OpenAI.Calls.Answers);
    }

    [Fact]
    public async Task A_stale_form_adds_to_the_end_and_says_so()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An answer.");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);
        var (stale, staleToo) = ((await maya.GetAsync(chat)).Compose, (await maya.GetAsync(chat)).Compose);
        await maya.SayAsync(chat, "Second question");
        await maya.LastAnswerAsync(chat);

        var sent = await maya.SubmitAsync(stale, ("text", "Third question"));
        var byHtmx = await maya.SubmitByHtmxAsync(staleToo, ("text", "Fourth question"));

        Assert.Equal(303, sent.Status);
        var room = await maya.GetAsync(sent.Location!.Split('#')[0]);
        Assert.StartsWith("Newer messages had come meanwhile", room.Notice("info"));
        Assert.Equal(200, byHtmx.Status);
        Assert.Contains("data-notice=\"info\"", byHtmx.Text, StringComparison.Ordinal);
        Assert.Equal(["First question", "Second question", "Third question", "Fourth question"], (await maya.GetAsync(chat)).Questions.Select(q => q.Body()));
        // A parent of another chat, or none that is a number, changes nothing either.
        await maya.LastAnswerAsync(chat);
        var other = await maya.StartChatAsync("Elsewhere");
        await maya.LastAnswerAsync(other);
        await app.SqlAsync("DELETE FROM AllowanceUses");
        foreach (var parent in new[] { "1", "999999", "x", "-1", "99999999999999999999" })
            Assert.Equal(303, (await maya.SubmitAsync((await maya.GetAsync(other)).Compose, ("text", parent), ("parent", parent))).Status);
        Assert.Equal(["Elsewhere", "1", "999999", "x", "-1", "99999999999999999999"], (await maya.GetAsync(other)).Questions.Select(q => q.Body()));
    }

    [Theory]
    [InlineData("title", "")]
    [InlineData("title", "   ")]
    [InlineData("title", "\u0001\u0002")]
    [InlineData("title", "longer than a title may be, longer than a title may be, longer than a title may be, longer than a title may be, longer than.")]
    [InlineData("model", "gpt-of-nobody")]
    public async Task Bad_settings_are_refused_and_change_nothing(string field, string value)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);
        var settings = (await maya.GetAsync(chat)).Document.QuerySelector<IHtmlFormElement>("form[action$='/settings']")!;
        await maya.SubmitAsync(settings, ("title", "Bread"));

        var refused = await maya.SubmitAsync(settings, ("title", "Bread"), (field, value));

        Assert.Equal(422, refused.Status);
        Assert.NotNull(refused.Notice("error"));
        if (field == "title") Assert.Equal(value.Trim(), refused.Document.QuerySelector("#title")!.GetAttribute("value"));
        var stored = await app.ReadAsync(db => db.Chats.SingleAsync());
        Assert.Equal(("Bread", "gpt-6-luna"), (stored.Title, stored.Model));
    }

    [Theory]
    [InlineData("  Two\tlines\r\nof a title  ", "Two lines of a title")]
    [InlineData("x", "x")]
    [InlineData("🥖 שלום", "🥖 שלום")]
    public async Task A_title_is_one_clean_line(string typed, string kept)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("First question");
        var settings = (await maya.GetAsync(chat)).Document.QuerySelector<IHtmlFormElement>("form[action$='/settings']")!;

        Assert.Equal(303, (await maya.SubmitAsync(settings, ("title", typed))).Status);

        Assert.Equal(kept, (await maya.GetAsync(chat)).Document.QuerySelector("h1")!.TextContent);
    }

    [Fact]
    public async Task Without_a_token_nothing_is_done_and_the_text_is_shown_again_to_be_sent()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        app.OpenAI.WillAnswer("An answer.");
        var chat = await maya.StartChatAsync("First question");
        var answer = await maya.LastAnswerAsync(chat);
        var room = await maya.GetAsync(chat);
        var foreign = Visitor.Fields((await noor.GetAsync("/chats")).Compose)["__RequestVerificationToken"];

        foreach (var token in new[] { null, "", "not a token", foreign })
        {
            var fields = Visitor.Fields(room.Compose, ("text", "Typed <with> \"care\"\r\nand a second line"));
            if (token is null) fields.Remove("__RequestVerificationToken");
            else fields["__RequestVerificationToken"] = token;
            foreach (var path in new[] { "/chats", $"{chat}/messages", $"{chat}/settings", $"{chat}/delete", $"{chat}/restore", $"{chat}/messages/{answer.MessageId()}/stop", $"{chat}/messages/{answer.MessageId()}/regenerate" })
            {
                var refused = await maya.SendAsync(HttpMethod.Post, path, fields, []);

                Assert.Equal(400, refused.Status);
                Assert.NotNull(refused.Notice("error"));
                var again = refused.Document.QuerySelector<IHtmlFormElement>("main form")!;
                Assert.Equal(path, again.GetAttribute("action"));
                Assert.Equal("Typed <with> \"care\"\nand a second line", WithOneLineEnd(Visitor.Fields(again)["text"]));
            }
        }
        Assert.Equal(2, (await app.MessagesAsync()).Count);

        // And pressing the button of that page sends it.
        var kept = await maya.SendAsync(HttpMethod.Post, $"{chat}/messages", new() { ["text"] = "Second question", ["nonce"] = "nonce-of-the-test-01" }, []);
        Assert.Equal(303, (await maya.SubmitAsync(kept.Document.QuerySelector<IHtmlFormElement>("main form")!)).Status);
        Assert.Equal("Second question", (await maya.GetAsync(chat)).Questions[^1].Body());
    }

    [Fact]
    public async Task Changing_routes_answer_no_get_and_pages_no_other_method()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("First question");
        var answer = await maya.LastAnswerAsync(chat);
        var message = $"{chat}/messages/{answer.MessageId()}";
        foreach (var path in new[] { $"{chat}/messages", $"{chat}/settings", $"{chat}/delete", $"{chat}/restore", $"{message}/stop", $"{message}/regenerate", $"{chat}/nothing", $"{message}/nothing" })
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
                Assert.True((await maya.SendAsync(method, path, null, [])).Status is 404 or 405, $"{method} {path} was answered.");
        }
        var fields = Visitor.Fields((await maya.GetAsync(chat)).Compose, ("text", "x"));
        var token = ("RequestVerificationToken", fields["__RequestVerificationToken"]);
        // With a good token, so that it is not the token which refuses them.
        foreach (var path in new[] { "/chats", chat, $"{chat}/nothing", message, $"{message}/nothing", $"{message}/live", $"{chat}/events", "/error/404", "/" })
        {
            foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Patch, HttpMethod.Options, HttpMethod.Trace, new HttpMethod("PROPFIND") })
            {
                if (method == HttpMethod.Post && path == "/chats") continue;
                var refused = await maya.SendAsync(method, path, method == HttpMethod.Post ? fields : null, [token]);
                Assert.True(refused.Status is 400 or 404 or 405, $"{method} {path} gave {refused.Status}.");
            }
        }
        Assert.Equal(2, (await app.MessagesAsync()).Count);
    }

    [Fact]
    public async Task Bodies_that_are_too_much_or_no_form_are_refused_and_never_a_fault()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);
        var fields = Visitor.Fields((await maya.GetAsync(chat)).Compose, ("text", "x"));
        var token = "__RequestVerificationToken=" + Uri.EscapeDataString(fields["__RequestVerificationToken"]);
        var bodies = new (string Name, string Type, string Body, int[] Expected)[]
        {
            ("10 MB", "application/x-www-form-urlencoded", token + "&text=" + new string('a', 10_000_000), [413]),
            ("10 MB without a token", "application/x-www-form-urlencoded", "text=" + new string('a', 10_000_000), [413]),
            ("1,025 keys", "application/x-www-form-urlencoded", token + string.Concat(Enumerable.Range(0, 1025).Select(i => $"&k{i}=")), [400, 413]),
            ("a key of 10,000 characters", "application/x-www-form-urlencoded", token + "&" + new string('k', 10_000) + "=", [400, 413]),
            ("nothing", "application/x-www-form-urlencoded", "", [400]),
            ("no form", "application/json", "{}", [400]),
            ("no boundary", "multipart/form-data", "x", [400]),
            ("a broken part", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: nonsense", [400]),
            ("a NUL", "application/x-www-form-urlencoded", token + "&nonce=nonce-of-the-test-01&text=a%00b", [400]),
            ("bad escapes", "application/x-www-form-urlencoded", token + "&nonce=nonce-of-the-test-01&text=%zz%ff%", [303, 400]),
            ("repeated fields", "application/x-www-form-urlencoded", token + "&nonce=nonce-of-the-test-02&nonce=nonce-of-the-test-03&text=a&text=b&parent=1&parent=2", [303, 422]),
        };
        foreach (var (name, type, body, expected) in bodies)
        {
            foreach (var path in new[] { "/chats", $"{chat}/messages", $"{chat}/settings" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body) };
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
                // So that a refusal is heard before all of it was sent.
                request.Headers.ExpectContinue = body.Length > 1_000_000;
                using var response = await maya.Http.SendAsync(request);
                var status = (int)response.StatusCode;
                Assert.True(expected.Contains(status) || path.EndsWith("/settings", StringComparison.Ordinal) && status is (303 or 422), $"{name} to {path} gave {status}.");
            }
        }
        Assert.Equal(200, (await maya.GetAsync(chat)).Status);
    }

    [Theory]
    [InlineData("?before=x")]
    [InlineData("?before=-1")]
    [InlineData("?before=99999999999999999999")]
    [InlineData("?before=999999")]
    [InlineData("?notice=<script>")]
    [InlineData("?deleted=<script>")]
    [InlineData("?handler=delete")]
    [InlineData("/messages/x")]
    [InlineData("/messages/-1")]
    [InlineData("/messages/99999999999999999999")]
    [InlineData("/messages/1/live/more")]
    [InlineData("/%00")]
    [InlineData("/..%2f..%2fchat.db")]
    public async Task Odd_addresses_are_pages_or_not_found_and_never_a_fault(string rest)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);

        foreach (var path in new[] { chat, "/chats", "/chats/" + new string('a', 33), "/chats/ab%20cd" })
        {
            var answer = await maya.GetAsync(path + rest);
            Assert.True(answer.Status is 200 or 400 or 404, $"{path + rest} gave {answer.Status}.");
            Assert.DoesNotContain("<script>", answer.Text, StringComparison.Ordinal);
        }
        Assert.Equal(2, (await app.MessagesAsync()).Count);
    }

    // Browsers send CR LF and read a text area's value with LF.
    private static string WithOneLineEnd(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);
}
