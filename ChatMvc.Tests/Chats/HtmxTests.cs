using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace ChatMvc.Tests.Chats;

/// <summary>The same forms, sent by htmx: fragments in place of pages, each with a place to go.</summary>
public sealed class HtmxTests
{
    [Fact]
    public async Task A_message_comes_back_as_its_two_articles_and_a_fresh_box()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An answer.");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);
        using var follower = new RoomFollower(maya, chat);
        await follower.LoadAsync();
        var form = follower.Page.QuerySelector<IHtmlFormElement>("form#compose")!;
        Assert.Equal(form.GetAttribute("action"), form.GetAttribute("hx-post"));

        var sent = await maya.SubmitByHtmxAsync(form, ("text", "Second question"));

        Assert.Equal((200, "HX-Request"), (sent.Status, sent.Header("Vary")));
        Assert.StartsWith("text/html", (await ContentTypeAsync(maya, form)));
        AssertFragment(sent);
        Assert.Empty(HtmxParts.Apply(follower.Page, sent.Text));
        Assert.Equal(["First question", "Second question"], follower.Page.QuerySelectorAll("article[data-role=user]").Select(a => a.Body()));
        Assert.Equal(2, follower.Page.QuerySelectorAll("article[data-role=assistant]").Length);
        var fresh = follower.Page.QuerySelector<IHtmlFormElement>("form#compose")!;
        Assert.NotEqual(Visitor.Fields(form)["nonce"], Visitor.Fields(fresh)["nonce"]);
        Assert.Equal(follower.LastAnswer!.MessageId().ToString(), Visitor.Fields(fresh)["parent"]);
        Assert.Equal("3", follower.Page.QuerySelector("#allowance")!.GetAttribute("data-left"));
        Assert.Equal("", fresh.QuerySelector("textarea")!.TextContent);
        Assert.Equal(303, (await maya.SubmitAsync(fresh, ("text", "Third question"))).Status);
    }

    [Fact]
    public async Task A_first_message_leads_to_the_new_room()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");

        var started = await maya.SubmitByHtmxAsync((await maya.GetAsync("/chats")).Compose, ("text", "First question"));

        Assert.Equal((200, "HX-Request", ""), (started.Status, started.Header("Vary"), started.Text));
        Assert.Equal(200, (await maya.GetAsync(started.Header("HX-Redirect")!)).Status);
    }

    [Fact]
    public async Task Refusals_are_the_message_box_with_notice_and_text()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=1");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);

        foreach (var page in new[] { chat, "/chats" })
        {
            var form = (await maya.GetAsync(page)).Compose;
            var limit = await maya.SubmitByHtmxAsync(form, ("text", "Second <question>"));
            var invalid = await maya.SubmitByHtmxAsync(form, ("text", "  "));

            Assert.Equal((429, 422), (limit.Status, invalid.Status));
            Assert.All([limit, invalid], r => Assert.Equal("HX-Request", r.Header("Vary")));
            Assert.All([limit, invalid], AssertFragment);
            Assert.NotNull(ComposerOf(limit).QuerySelector("[data-notice=limit] a[href='/billing']"));
            Assert.Equal("Second <question>", ComposerOf(limit).QuerySelector("textarea")!.TextContent);
            Assert.NotNull(ComposerOf(invalid).QuerySelector("[data-notice=error]"));
            // It goes where the old one stands, and can be sent again.
            Assert.Equal("#composer", Assert.Single(HtmxParts.PartsOf(limit.Text)).GetAttribute("hx-target"));
            Assert.Equal(form.GetAttribute("action"), ComposerOf(limit).QuerySelector("form")!.GetAttribute("action"));
        }
    }

    [Fact]
    public async Task Stop_and_retry_come_back_as_the_article_and_the_allowance()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillFail(401);
        var chat = await maya.StartChatAsync("First question");
        var failed = await maya.LastAnswerAsync(chat);
        app.OpenAI.Behaviour = new() { Text = "Some words of an answer.", HangAfterTokens = 2, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        using var follower = new RoomFollower(maya, chat);
        await follower.LoadAsync();

        var retried = await maya.SubmitByHtmxAsync(failed.Form("regenerate"));
        Assert.Empty(HtmxParts.Apply(follower.Page, retried.Text));
        Assert.Null(follower.Article(failed.Id!));
        Assert.Equal("4", follower.Page.QuerySelector("#allowance")!.GetAttribute("data-left"));
        await maya.AnswerInStateAsync(chat, "streaming");
        var stopped = await maya.SubmitByHtmxAsync((IHtmlFormElement)follower.LastAnswer!.QuerySelector("form[action$='/stop']")!);
        Assert.Empty(HtmxParts.Apply(follower.Page, stopped.Text));

        Assert.Equal("stopped", follower.State);
        Assert.All([retried, stopped], r => Assert.Equal((200, "HX-Request"), (r.Status, r.Header("Vary"))));
        Assert.All([retried, stopped], AssertFragment);
    }

    [Fact]
    public async Task Signed_out_it_is_told_where_to_sign_in()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("First question");
        var answer = await maya.LastAnswerAsync(chat);
        var room = await maya.GetAsync(chat);
        Assert.Equal(303, (await maya.SubmitAsync(room.Document.QuerySelector<IHtmlFormElement>("form[action='/signout']")!)).Status);

        foreach (var path in new[] { "/chats", $"{chat}/messages", $"{chat}/messages/{answer.MessageId()}/stop", $"{chat}/messages/{answer.MessageId()}/regenerate" })
        {
            var refused = await maya.SendAsync(HttpMethod.Post, path, Visitor.Fields(room.Compose, ("text", "x")), [("HX-Request", "true")]);

            Assert.Equal((401, "HX-Request"), (refused.Status, refused.Header("Vary")));
            Assert.StartsWith("/signin?returnUrl=", refused.Header("HX-Redirect"));
            Assert.DoesNotContain("<html", refused.Text, StringComparison.Ordinal);
        }
        Assert.Equal(2, (await app.MessagesAsync()).Count);
    }

    [Fact]
    public async Task Errors_are_one_notice_never_a_page_inside_a_page()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("First question");
        var answer = await maya.LastAnswerAsync(chat);
        var fields = Visitor.Fields((await maya.GetAsync(chat)).Compose, ("text", "Typed with care"));
        var withoutToken = fields.Where(f => f.Key != "__RequestVerificationToken").ToDictionary();

        foreach (var (path, sent, status) in new[]
        {
            ($"{chat}/messages", withoutToken, 400),
            ("/chats", withoutToken, 400),
            ($"{chat}/messages/{answer.MessageId()}/stop", withoutToken, 400),
            ("/chats/abcdefghijklmnop/messages", fields, 404),
            ($"{chat}/messages/999999/stop", fields, 404),
            ($"{chat}/nothing", fields, 404),
        })
        {
            var refused = await maya.SendAsync(HttpMethod.Post, path, sent, [("HX-Request", "true")]);

            Assert.True(refused.Status == status || status == 404 && refused.Status == 405, $"{path} gave {refused.Status}.");
            Assert.Equal("HX-Request", refused.Header("Vary"));
            Assert.DoesNotContain("<html", refused.Text, StringComparison.Ordinal);
            Assert.NotEqual("", refused.Notice("error"));
            Assert.Same(refused.Document.QuerySelector("[data-notice=error]"), Assert.Single(refused.Document.Body!.Children));
        }
        Assert.Equal(2, (await app.MessagesAsync()).Count);
    }

    /// <summary>The message box within a fragment.</summary>
    public static IElement ComposerOf(Answer fragment) =>
        HtmxParts.PartsOf(fragment.Text).Select(part => part.Content.QuerySelector("#composer")).First(composer => composer is not null)!;

    private static void AssertFragment(Answer fragment)
    {
        Assert.DoesNotContain("<html", fragment.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<!DOCTYPE", fragment.Text, StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(HtmxParts.PartsOf(fragment.Text));
        // Nothing stands outside of the parts: it would have no place to go.
        var rest = new HtmlParser().ParseDocument(System.Text.RegularExpressions.Regex.Replace(fragment.Text, "<hx-partial.*?</hx-partial>", "", System.Text.RegularExpressions.RegexOptions.Singleline));
        Assert.Equal("", rest.Body!.InnerHtml.Trim());
    }

    private static async Task<string> ContentTypeAsync(Visitor visitor, IHtmlFormElement form)
    {
        using var content = new FormUrlEncodedContent(Visitor.Fields(form));
        using var request = new HttpRequestMessage(HttpMethod.Post, form.GetAttribute("action")) { Content = content };
        request.Headers.Add("HX-Request", "true");
        using var response = await visitor.Http.SendAsync(request);
        return response.Content.Headers.ContentType!.ToString();
    }
}
