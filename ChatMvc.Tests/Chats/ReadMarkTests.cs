using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats;

/// <summary>Which chats hold something new, and which are being answered, in every open tab.</summary>
public sealed class ReadMarkTests : IAsyncLifetime
{
    private TestApp app = null!;
    private Visitor maya = null!;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync("Limits:BasicMessages=1000");
        maya = await app.SignInAsAsync("Maya");
    }

    public async Task DisposeAsync()
    {
        maya.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task A_chat_is_marked_while_it_is_answered_and_then_until_its_person_looks()
    {
        app.OpenAI.WillAnswer("Fine.");
        var tea = (await maya.StartChatsAsync("Tea"))[0];
        app.OpenAI.Behaviour = new() { Text = "One two three four.", FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var rest = app.OpenAI.WillHoldAfter(2);
        var bread = await maya.StartChatAsync("Bread");
        await maya.AnswerInStateAsync(bread, "streaming");
        Assert.Equal("(being answered)", MarkOf(await maya.GetAsync(tea), bread));

        rest.SetResult();

        await Rooms.EventuallyAsync(async () => MarkOf(await maya.GetAsync(tea), bread) == "(not read yet)", "the mark of what is new");
        Assert.Equal("(not read yet)", MarkOf(await maya.GetAsync("/chats"), bread));
        Assert.Equal("unread", (await maya.GetAsync("/chats")).Document.QuerySelector($".chats a[href='{bread}']")!.ClassName);
        await app.SqlAsync("UPDATE Chats SET TitleSource = 'Person'");
        await maya.GetAsync(bread);
        Assert.Null(MarkOf(await maya.GetAsync(tea), bread));
        // On another device too, and after a restart: it is stored, though not by the page.
        await Rooms.EventuallyAsync(async () => (await maya.GetAsync(bread)).Status == 200 && await IsStoredAsync(bread), "what was read is stored");
    }

    [Fact]
    public async Task An_open_page_is_told_once_and_only_of_what_changed()
    {
        app.OpenAI.WillAnswer("Fine.");
        var chats = await maya.StartChatsAsync("Tea", "Bread");
        await app.SqlAsync("UPDATE Chats SET TitleSource = 'Person'");
        var page = await maya.GetAsync(chats[0]);
        var rail = page.Document.QuerySelector("#rail-chats")!;
        Assert.Equal(chats[0], "/chats/" + rail.GetAttribute("data-current"));
        await maya.GetAsync(chats[1]);
        await Rooms.EventuallyAsync(async () => MarkOf(await NewsAsync(chats[0], ""), chats[1], "") != "(not read yet)", "both are read");
        var seen = (await NewsAsync(chats[0], "")).Document.QuerySelector("[data-seen]")!.GetAttribute("data-seen");
        Assert.Equal(204, (await NewsAsync(chats[0], seen!)).Status);

        app.OpenAI.WillAnswer("More.");
        using var otherDevice = await app.SignInAsAsync("Maya");
        await otherDevice.SayAsync(chats[1], "And?");
        await Rooms.EventuallyAsync(async () => MarkOf(await NewsAsync(chats[0], ""), chats[1], "") == "(not read yet)", "the news");

        var news = await NewsAsync(chats[0], seen!);
        Assert.Equal((200, "no-store"), (news.Status, news.Header("Cache-Control")));
        Assert.DoesNotContain("<html", news.Text, StringComparison.Ordinal);
        Assert.Equal("page", news.Document.QuerySelector($"a[href='{chats[0]}']")!.GetAttribute("aria-current"));
        Assert.Equal(204, (await NewsAsync(chats[0], news.Document.QuerySelector("[data-seen]")!.GetAttribute("data-seen")!)).Status);
    }

    [Fact]
    public async Task Whoever_looks_at_a_room_that_is_answered_has_read_it()
    {
        app.OpenAI.WillAnswer("Fine.");
        var chats = await maya.StartChatsAsync("Tea", "Bread");
        await app.SqlAsync("UPDATE Chats SET TitleSource = 'Person', Revision = Revision + 1");
        Assert.Equal("(not read yet)", MarkOf(await maya.GetAsync(chats[1]), chats[0]));

        await NewsAsync(chats[0], "");

        Assert.Null(MarkOf(await maya.GetAsync(chats[1]), chats[0]));
        await StoredAsync(chats[0]);
        using var noor = await app.SignInAsAsync("Noor");
        await app.SqlAsync("UPDATE Chats SET Revision = Revision + 1");
        Assert.Equal(200, (await noor.GetAsync($"/chats/rail?current={chats[0]["/chats/".Length..]}")).Status);
        Assert.Equal("(not read yet)", MarkOf(await maya.GetAsync(chats[1]), chats[0]));
    }

    [Fact]
    public async Task Reading_what_was_read_writes_nothing()
    {
        app.OpenAI.WillAnswer("Fine.");
        var chats = await maya.StartChatsAsync("Tea", "Bread");
        await app.SqlAsync("UPDATE Chats SET TitleSource = 'Person'");
        foreach (var chat in chats)
        {
            await maya.GetAsync(chat);
            await StoredAsync(chat);
        }
        await app.SqlAsync("CREATE TABLE Writes (N INTEGER); CREATE TRIGGER Noted AFTER UPDATE ON ChatMembers BEGIN INSERT INTO Writes VALUES (1); END");

        for (var i = 0; i < 3; i++)
        {
            await maya.GetAsync(chats[0]);
            await NewsAsync(chats[0], "");
        }
        // Stored not before what was noted above: all of that has passed by then.
        await ReadAnewAsync(chats[1]);
        Assert.Equal(1, await WritesAsync());
        await ReadAnewAsync(chats[0]);
        Assert.Equal(2, await WritesAsync());

        async Task ReadAnewAsync(string chat)
        {
            await app.SqlAsync($"UPDATE Chats SET Revision = Revision + 1 WHERE Key = '{chat["/chats/".Length..]}'");
            await maya.GetAsync(chat);
            await NewsAsync(chat, "");
            await StoredAsync(chat);
        }
    }

    private Task<int> WritesAsync() => app.ReadAsync(db => db.Database.SqlQueryRaw<int>("SELECT COUNT(*) AS Value FROM Writes").SingleAsync());

    [Fact]
    public async Task Renaming_a_chat_from_the_list_does_not_make_it_new()
    {
        app.OpenAI.WillAnswer("Fine.");
        var chats = await maya.StartChatsAsync("Tea", "Bread");
        await app.SqlAsync("UPDATE Chats SET TitleSource = 'Person'");
        await maya.GetAsync(chats[0]);
        var token = Visitor.Fields((await maya.GetAsync("/chats")).Bulk)["__RequestVerificationToken"];

        var renamed = await maya.SendAsync(HttpMethod.Post, chats[0] + "/settings", new() { ["title"] = "Green tea", ["__RequestVerificationToken"] = token }, [("HX-Request", "true")]);

        Assert.Equal(200, renamed.Status);
        var list = await maya.GetAsync("/chats");
        Assert.Equal("Green tea", list.Titles[1]);
        Assert.Null(MarkOf(list, chats[0]));
        var refused = await maya.SendAsync(HttpMethod.Post, chats[0] + "/settings", new() { ["title"] = new string('x', 121), ["__RequestVerificationToken"] = token }, [("HX-Request", "true")]);
        Assert.Equal(422, refused.Status);
        Assert.Contains("120 characters", refused.Text, StringComparison.Ordinal);
    }

    private Task<Answer> NewsAsync(string current, string seen) => maya.GetAsync($"/chats/rail?current={current["/chats/".Length..]}&seen={seen}");

    private static string? MarkOf(Answer page, string chat, string within = "#rail-chats ") => page.Document.QuerySelector($"{within}a[href='{chat}'] .visually-hidden")?.TextContent.Trim();

    private Task StoredAsync(string chat) => Rooms.EventuallyAsync(() => IsStoredAsync(chat), "what was read is stored");

    private Task<bool> IsStoredAsync(string chat) => app.ReadAsync(db => db.ChatMembers.AnyAsync(m => m.Chat.Key == chat.Substring("/chats/".Length) && m.ReadRevision == m.Chat.Revision));
}
