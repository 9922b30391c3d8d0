using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats;

/// <summary>What stands in the box is there on every device, until it is sent; and what is quoted comes into it.</summary>
public sealed class DraftTests
{
    [Fact]
    public async Task A_draft_is_there_on_another_device_and_gone_once_it_is_sent()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var phone = await app.SignInAsAsync("Maya");
        var chat = await BranchTests.ConversationAsync(app, maya, "First");
        var page = await maya.GetAsync(chat);

        Assert.Equal("1", (await SaveAsync(maya, page, "Half a th")).Text);
        Assert.Equal("2", (await SaveAsync(maya, page, "Half a thought", version: 1)).Text);

        var elsewhere = await phone.GetAsync(chat);
        Assert.Equal("Half a thought", elsewhere.Typed);
        Assert.Equal(303, (await phone.SubmitAsync(elsewhere.Compose, ("text", "A whole thought"))).Status);
        await phone.LastAnswerAsync(chat);
        Assert.Equal("", (await maya.GetAsync(chat)).Typed);
    }

    [Fact]
    public async Task A_page_that_was_left_open_overwrites_no_newer_draft_and_is_offered_it()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await BranchTests.ConversationAsync(app, maya, "First");
        var (stale, fresh) = (await maya.GetAsync(chat), await maya.GetAsync(chat));
        await SaveAsync(maya, fresh, "The newer one");

        var refused = await SaveAsync(maya, stale, "The older one");
        Assert.Equal(409, refused.Status);
        Assert.Contains("The newer one", refused.Notice("error"), StringComparison.Ordinal);
        Assert.Equal(chat, refused.Document.QuerySelector("[data-notice] a")!.GetAttribute("href"));
        // Neither does what is sent from there take it away.
        Assert.Equal(303, (await maya.SubmitAsync(stale.Compose, ("text", "Something else"))).Status);
        await maya.LastAnswerAsync(chat);
        Assert.Equal("The newer one", (await maya.GetAsync(chat)).Typed);
    }

    [Fact]
    public async Task A_save_that_comes_before_or_after_the_message_it_was_part_of_leaves_nothing_behind()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await BranchTests.ConversationAsync(app, maya, "First");

        var page = await maya.GetAsync(chat);
        await SaveAsync(maya, page, "A thou");
        // The form does not know the version of the save that is still on its way back.
        await maya.SubmitAsync(page.Compose, ("text", "A thought"));
        await maya.LastAnswerAsync(chat);
        Assert.Equal("", (await maya.GetAsync(chat)).Typed);
        Assert.Equal(204, (await SaveAsync(maya, page, "A thought")).Status);
        Assert.Equal("", (await maya.GetAsync(chat)).Typed);
    }

    [Fact]
    public async Task A_refused_message_stays_in_the_box_and_too_long_a_draft_is_not_kept()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=1");
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var chat = await BranchTests.ConversationAsync(app, maya, "First");
        var page = await maya.GetAsync(chat);
        await SaveAsync(maya, page, "Typed");

        var refused = await maya.SubmitByHtmxAsync((await maya.GetAsync(chat)).Compose, ("text", "Typed and more"));
        Assert.Equal(429, refused.Status);
        Assert.Contains("Typed and more", refused.Text, StringComparison.Ordinal);
        Assert.Equal("Typed", (await maya.GetAsync(chat)).Typed);
        Assert.Equal(422, (await SaveAsync(maya, page, new string('a', Message.MaxText + 1), version: 1)).Status);
        Assert.Equal(404, (await noor.SendAsync(HttpMethod.Post, $"{chat}/draft", Visitor.Fields((await noor.GetAsync("/chats")).Compose, ("draft", "0")), [])).Status);
        Assert.Equal("Typed", await app.ReadAsync(db => db.ChatMembers.Select(m => m.Draft).SingleAsync()));
    }

    [Theory]
    [InlineData("draft")]
    [InlineData("messages/1/edit")]
    public async Task What_was_typed_when_the_session_had_ended_stands_in_the_box_after_the_next_sign_in(string action)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await BranchTests.ConversationAsync(app, maya, "First");
        var page = await maya.GetAsync(chat);
        Assert.Equal(303, (await maya.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("form[action='/signout']")!)).Status);

        var refused = await maya.SendAsync(HttpMethod.Post, $"{chat}/{action}", Visitor.Fields(page.Compose, ("text", "Half a thought")), [("HX-Request", "true")]);
        Assert.Equal(401, refused.Status);
        Assert.NotNull(refused.Header("HX-Redirect"));
        await maya.SignInAsync(TestApp.PhoneOf("Maya"));
        Assert.Equal("Half a thought", (await maya.GetAsync(chat)).Typed);
    }

    [Fact]
    public async Task A_message_is_quoted_below_what_stands_in_the_box()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("One line.\n\n- and a list");
        var chat = Branches.RoomOf(await maya.StartChatAsync("First"));
        var answer = await maya.LastAnswerAsync(chat);
        await SaveAsync(maya, await maya.GetAsync(chat), "Begun");

        var page = await maya.MessagePageAsync(chat, answer.MessageId());
        Assert.Equal("One line.\n\n- and a list", page.Document.QuerySelector("#markdown")!.TextContent);
        var quoted = await maya.GetAsync(page.Document.QuerySelector("a[href*='quote=']")!.GetAttribute("href")!);
        Assert.Equal("Begun\n\n> One line.\n>\n> - and a list\n\n", quoted.Typed);
        Assert.Equal(2, (await app.MessagesAsync()).Count);
    }

    private static Task<Answer> SaveAsync(Visitor me, Answer page, string text, long? version = null)
    {
        var fields = Visitor.Fields(page.Compose, ("text", text));
        if (version is { } known) fields["draft"] = known.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return me.SendAsync(HttpMethod.Post, page.Compose.GetAttribute("action")!.Replace("/messages", "/draft", StringComparison.Ordinal), fields, [("HX-Request", "true")]);
    }
}
