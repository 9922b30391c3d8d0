using AngleSharp.Dom;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats;

/// <summary>Many chats at once, and one undo for all of them.</summary>
public sealed class ChatBulkTests : IAsyncLifetime
{
    private TestApp app = null!;
    private Visitor maya = null!;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync("Limits:BasicMessages=1000");
        app.OpenAI.WillAnswer("Fine.");
        maya = await app.SignInAsAsync("Maya");
        await app.ManyChatsAsync(20);
    }

    public async Task DisposeAsync()
    {
        maya.Dispose();
        await app.DisposeAsync();
    }

    [Theory]
    [InlineData("delete", "3 chats were deleted.", false)]
    [InlineData("delete", "3 chats were deleted.", true)]
    [InlineData("archive", "3 chats were archived.", false)]
    [InlineData("archive", "3 chats were archived.", true)]
    public async Task Those_chosen_leave_the_list_and_come_back_with_one_undo(string what, string words, bool byHtmx)
    {
        var before = await maya.GetAsync("/chats");
        string[] chosen = ["Chat 2", "Chat 3", "Chat 5"];
        var titles = before.Titles;

        var done = await maya.ChooseAsync(before, what, chosen.Select(Path), byHtmx: byHtmx);

        var list = await AfterAsync(before, done, byHtmx);
        Assert.Equal(titles.Except(chosen), list.Titles);
        Assert.Equal(titles.Except(chosen), list.RailTitles);
        Assert.Contains(words, list.Undo.TextContent, StringComparison.Ordinal);
        Assert.Equal(titles.Except(chosen), (await maya.GetAsync("/chats")).Titles);
        var (action, fields) = ListPages.UndoOf(list);
        var undone = await AfterAsync(list, await maya.PostAsync(action, fields, byHtmx), byHtmx);
        Assert.Equal(titles, undone.Titles);
        Assert.All(titles, title => Assert.Null(undone.MarkOf(title)));
        Assert.Null(undone.Document.QuerySelector("form.undo"));
        // Once: what was done since must not be turned around by the same press.
        Assert.Equal(422, (await maya.PostAsync(action, fields, byHtmx)).Status);
    }

    [Fact]
    public async Task Those_chosen_are_moved_and_moved_back_each_to_where_it_was()
    {
        var page = await maya.GetAsync("/chats");
        await maya.ChooseAsync(page, "move", [Path("Chat 1"), Path("Chat 2")], "Old");
        var former = await FoldersAsync();

        var moved = await maya.ChooseAsync(page, "move", [Path("Chat 2"), Path("Chat 3"), Path("Chat 4")], "New");

        var list = await maya.GetAsync(moved.Location!);
        Assert.Equal(["All", "New", "Old", "Archive"], list.Folders);
        Assert.Equal(["Chat 2", "Chat 3", "Chat 4"], (await maya.GetAsync("/chats?folder=New")).Titles.Order());
        Assert.Equal(303, (await maya.UndoAsync(list)).Status);
        Assert.Equal(former, await FoldersAsync());
        await maya.ChooseAsync(page, "move", [Path("Chat 1"), Path("Chat 2")]);
        Assert.Equal(["All", "Archive"], (await maya.GetAsync("/chats")).Folders);
    }

    [Fact]
    public async Task Two_hundred_go_in_one_step_and_one_more_does_not()
    {
        await app.SqlAsync("DELETE FROM Chats");
        await app.ManyChatsAsync(201);
        var page = await maya.GetAsync("/chats");
        var all = Enumerable.Range(1, 201).Select(i => Path($"Chat {i}")).ToList();

        var refused = await maya.ChooseAsync(page, "move", all, "Elsewhere");
        Assert.Equal(422, refused.Status);
        Assert.Contains("200 chats are the most", refused.Notice("error"), StringComparison.Ordinal);
        Assert.Equal("Elsewhere", refused.Document.QuerySelector(".bulk input[name=folder]")!.GetAttribute("value"));
        Assert.All(refused.Document.QuerySelectorAll(".pick input"), box => Assert.True(box.HasAttribute("checked")));
        Assert.Equal(0, await app.ReadAsync(db => db.ChatMembers.CountAsync(m => m.Folder != null)));

        foreach (var what in (string[])["move", "archive", "delete"])
        {
            var done = await maya.GetAsync((await maya.ChooseAsync(page, what, all.Take(200), "Elsewhere")).Location!);
            Assert.Contains("200 chats were", done.Undo.TextContent, StringComparison.Ordinal);
            Assert.Equal(303, (await maya.UndoAsync(done)).Status);
        }
        Assert.Equal(201, await app.ReadAsync(db => db.ChatMembers.CountAsync(m => m.Folder == null && m.ArchivedAt == null && m.Chat.DeletedAt == null)));
    }

    [Fact]
    public async Task No_more_than_fifty_are_pinned_however_many_are_chosen()
    {
        await app.SqlAsync("DELETE FROM Chats");
        await app.ManyChatsAsync(60);
        var page = await maya.GetAsync("/chats");
        var all = Enumerable.Range(1, 60).Select(i => Path($"Chat {i}")).ToList();

        var refused = await maya.ChooseAsync(page, "pin", all);

        Assert.Equal(422, refused.Status);
        Assert.Contains("At most 50 chats can be pinned.", refused.Notice("error"), StringComparison.Ordinal);
        Assert.Equal(0, await app.ReadAsync(db => db.ChatMembers.CountAsync(m => m.PinnedAt != null)));
        Assert.Equal(303, (await maya.ChooseAsync(page, "pin", all.Take(50))).Status);
        // Those that are pinned already need no more room.
        Assert.Equal(303, (await maya.ChooseAsync(page, "pin", all.Take(50))).Status);
        Assert.Equal(422, (await maya.ChooseAsync(page, "pin", all.Skip(50).Take(1))).Status);
    }

    [Fact]
    public async Task Nothing_chosen_nothing_to_do_and_other_peoples_chats_change_nothing()
    {
        var page = await maya.GetAsync("/chats");
        Assert.Contains("Choose one or more chats first.", (await maya.ChooseAsync(page, "delete", [])).Notice("error"), StringComparison.Ordinal);
        Assert.Contains("Choose what to do", (await maya.ChooseAsync(page, "explode", [Path("Chat 1")])).Notice("error"), StringComparison.Ordinal);
        var partial = await maya.ChooseAsync(page, "delete", [], byHtmx: true);
        Assert.Equal(422, partial.Status);
        Assert.Contains("<hx-partial", partial.Text, StringComparison.Ordinal);

        using var noor = await app.SignInAsAsync("Noor");
        var hers = (await noor.StartChatsAsync("Hers"))[0];
        Assert.Equal(303, (await noor.ChooseAsync(await noor.GetAsync("/chats"), "delete", [Path("Chat 1"), Path("Chat 2")])).Status);
        Assert.Equal(20, await app.ReadAsync(db => db.Chats.CountAsync(c => c.DeletedAt == null && c.Title.StartsWith("Chat "))));
        Assert.Equal(200, (await noor.GetAsync(hers)).Status);
        // An undo is its person's alone, whatever cookie it comes with.
        var done = await maya.GetAsync((await maya.ChooseAsync(page, "delete", [Path("Chat 1")])).Location!);
        var (action, key) = (done.Undo.GetAttribute("action")!, done.Undo.QuerySelector("button")!.GetAttribute("value")!);
        var cookie = maya.Cookies.GetCookies(new Uri(app.Address, "/chats"))["undo"]!.Value;
        noor.Cookies.Add(app.Address, new System.Net.Cookie("undo", cookie, "/chats"));
        var token = Visitor.Fields((await noor.GetAsync("/chats")).Bulk)["__RequestVerificationToken"];
        Assert.Equal(422, (await noor.PostAsync(action, [("__RequestVerificationToken", token), ("undo", key)])).Status);
        Assert.Equal(404, (await maya.GetAsync("/chats/bulk")).Status);
        Assert.Equal(404, (await maya.GetAsync("/chats/undo")).Status);
    }

    [Fact]
    public async Task A_running_answer_of_a_chat_that_is_deleted_is_stopped()
    {
        app.OpenAI.Behaviour = new() { Text = "Some words of an answer.", HangAfterTokens = 2, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("Bread");
        await maya.AnswerInStateAsync(chat, "streaming");

        await maya.ChooseAsync(await maya.GetAsync("/chats"), "delete", [chat]);

        await Rooms.EventuallyAsync(async () => (await app.MessagesAsync())[^1].IsTerminal, "the answer ends");
    }

    private static string Path(string title) => $"/chats/many{int.Parse(title["Chat ".Length..], System.Globalization.CultureInfo.InvariantCulture):D12}";

    private async Task<Answer> AfterAsync(Answer before, Answer done, bool byHtmx)
    {
        Assert.True(done.Status == (byHtmx ? 200 : 303), $"Status {done.Status}:\n{done.Text}");
        if (!byHtmx) return await maya.GetAsync(done.Location!);
        var page = before.Document;
        Assert.Empty(HtmxParts.Apply(page, done.Text));
        return before with { Text = page.DocumentElement.OuterHtml };
    }

    private Task<List<string?>> FoldersAsync() => app.ReadAsync(db => db.ChatMembers.OrderBy(m => m.ChatId).Select(m => m.Folder).ToListAsync());
}
