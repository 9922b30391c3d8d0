using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace ChatMvc.Tests.Chats;

/// <summary>Where a chat stands in its person's list: by day, pinned, archived, in a folder.</summary>
public sealed class ChatPlaceTests : IAsyncLifetime
{
    private TestApp app = null!;
    private Visitor maya = null!;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync("Limits:BasicMessages=1000");
        app.OpenAI.WillAnswer("Fine.");
        maya = await app.SignInAsAsync("Maya");
    }

    public async Task DisposeAsync()
    {
        maya.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task Chats_stand_under_the_day_that_their_person_has()
    {
        await maya.StartChatsAsync("Bread", "Tea", "Salt", "Rice", "Milk");
        await app.SqlAsync("UPDATE Chats SET TitleSource = 'Person', Title = (SELECT Text FROM Messages WHERE ChatId = Chats.Id AND ParentId IS NULL)");
        await app.SqlAsync("UPDATE Users SET TimeZone = 'Pacific/Auckland'");
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Pacific/Auckland");
        var local = TimeZoneInfo.ConvertTime(app.Time.GetUtcNow(), zone);
        var midnight = app.Time.GetUtcNow() - local.TimeOfDay;
        var longAgo = midnight.AddDays(-400);
        // A second before midnight there is yesterday, whatever day it is in Greenwich.
        foreach (var (title, at) in new[] { ("Bread", midnight.AddSeconds(1)), ("Tea", midnight.AddSeconds(-1)), ("Salt", midnight.AddDays(-3)), ("Rice", longAgo), ("Milk", midnight.AddDays(2)) })
            await app.SqlAsync($"UPDATE ChatMembers SET ActiveAt = {at.ToUnixTimeMilliseconds()} WHERE ChatId = (SELECT Id FROM Chats WHERE Title = '{title}')");

        var page = await maya.GetAsync("/chats");

        var month = TimeZoneInfo.ConvertTime(longAgo, zone).ToString("MMMM yyyy", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(["Today", "Yesterday", "Previous 7 days", month], page.Headings);
        Assert.Equal(["Milk", "Bread", "Tea", "Salt", "Rice"], page.Titles);
        Assert.Equal(page.Headings, page.RailHeadings);
        Assert.Equal(page.Titles, page.RailTitles);
        Assert.All(page.Document.QuerySelectorAll("#chosen h3, #rail-chats h2"), h => Assert.Equal("OL", h.NextElementSibling!.TagName));
    }

    [Fact]
    public async Task A_pinned_chat_stands_at_the_top_until_it_is_unpinned()
    {
        var chats = await maya.StartChatsAsync("Bread", "Tea", "Salt");
        await NameAsync();

        Assert.Equal(chats[0], (await maya.PlaceAsync(chats[0], "pin")).Location);

        var page = await maya.GetAsync("/chats");
        Assert.Equal(["Pinned", "Today"], page.Headings);
        Assert.Equal(["Bread", "Salt", "Tea"], page.Titles);
        Assert.Equal(page.Headings, page.RailHeadings);
        Assert.Equal(page.Titles, page.RailTitles);
        // The button that was there before says what it meant: pressed twice, or in another tab, it does not turn around.
        var again = (await maya.GetAsync(chats[0])).Document.QuerySelector<IHtmlFormElement>(".room-place form[action$='/pin']")!;
        Assert.Equal(303, (await maya.SubmitAsync(again, ("pinned", "1"))).Status);
        Assert.Equal(["Pinned", "Today"], (await maya.GetAsync("/chats")).Headings);
        // Without a word it turns.
        Assert.Equal(303, (await maya.SubmitAsync(again)).Status);
        Assert.Equal(["Salt", "Tea", "Bread"], (await maya.GetAsync("/chats")).Titles);
    }

    [Fact]
    public async Task An_archived_chat_leaves_the_list_can_be_had_back_and_comes_back_with_a_message()
    {
        var chats = await maya.StartChatsAsync("Bread", "Tea");
        await NameAsync();
        await maya.PlaceAsync(chats[0], "pin");

        var archived = await maya.PlaceAsync(chats[0], "archive");

        var list = await maya.GetAsync(archived.Location!);
        Assert.Equal(["Tea"], list.Titles);
        Assert.Equal(["Tea"], list.RailTitles);
        Assert.Contains("The chat was archived.", list.Undo.TextContent, StringComparison.Ordinal);
        var archive = await maya.GetAsync("/chats?archived=1");
        Assert.Equal(["Bread"], archive.Titles);
        Assert.Equal(["Tea"], archive.RailTitles);
        Assert.Equal(200, (await maya.GetAsync(chats[0])).Status);
        Assert.Equal(303, (await maya.UndoAsync(list)).Status);
        // Where it stood: pinned.
        Assert.Equal(["Bread", "Tea"], (await maya.GetAsync("/chats")).Titles);

        await maya.PlaceAsync(chats[1], "archive");
        Assert.Equal(["Bread"], (await maya.GetAsync("/chats")).Titles);
        await maya.SayAsync(chats[1], "More");
        Assert.Equal(["Bread", "Tea"], (await maya.GetAsync("/chats")).Titles);
        Assert.Empty((await maya.GetAsync("/chats?archived=1")).Titles);
    }

    [Fact]
    public async Task A_folder_is_there_as_long_as_a_chat_is_in_it()
    {
        var chats = await maya.StartChatsAsync("Bread", "Tea", "Salt");
        await NameAsync();
        Assert.Equal(["All", "Archive"], (await maya.GetAsync("/chats")).Folders);

        await maya.PlaceAsync(chats[0], "folder", ("folder", "  Food &\tdrink "));
        await maya.PlaceAsync(chats[2], "folder", ("folder", "FOOD & DRINK"));

        var list = await maya.GetAsync("/chats");
        Assert.Equal(["All", "Food & drink", "Archive"], list.Folders);
        Assert.Equal(["Salt", "Tea", "Bread"], list.Titles);
        var folder = await maya.GetAsync(list.Document.QuerySelectorAll(".folders a")[1].GetAttribute("href")!);
        Assert.Equal(["Salt", "Bread"], folder.Titles);
        Assert.Equal("Food & drink", folder.Document.QuerySelector("#your-chats")!.TextContent);
        Assert.Equal("Food & drink", (await maya.GetAsync(chats[2])).Document.QuerySelector<IHtmlInputElement>(".room-folder input[name=folder]")!.Value);

        await maya.PlaceAsync(chats[0], "folder", ("folder", ""));
        await maya.PlaceAsync(chats[2], "archive");
        Assert.Equal(["All", "Archive"], (await maya.GetAsync("/chats")).Folders);
        Assert.Contains("empty", (await maya.GetAsync("/chats?folder=Food%20%26%20drink")).Document.QuerySelector(".empty")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_long_too_many_or_nobodys_is_refused_in_words()
    {
        var chats = await maya.StartChatsAsync("Bread");
        await app.ManyChatsAsync(60);
        var name = new string('x', 41);

        var tooLong = await maya.PlaceAsync(chats[0], "folder", ("folder", name));
        Assert.Equal(422, tooLong.Status);
        Assert.Contains("40 characters", tooLong.Notice("error"), StringComparison.Ordinal);
        Assert.Equal(name, tooLong.Document.QuerySelector<IHtmlInputElement>("input[name=folder]")!.Value);

        await app.SqlAsync("UPDATE ChatMembers SET Folder = 'F' || ChatId WHERE ChatId IN (SELECT Id FROM Chats WHERE Key LIKE 'many%' ORDER BY Id LIMIT 50)");
        var tooMany = await maya.PlaceAsync(chats[0], "folder", ("folder", "One more"));
        Assert.Equal(422, tooMany.Status);
        Assert.Contains("50 folders", tooMany.Notice("error"), StringComparison.Ordinal);
        Assert.Equal(303, (await maya.PlaceAsync(chats[0], "folder", ("folder", "f" + await app.ReadAsync(db => Task.FromResult(db.ChatMembers.Where(m => m.Folder != null).Min(m => m.ChatId)))))).Status);

        await app.SqlAsync("UPDATE ChatMembers SET PinnedAt = ChatId WHERE ChatId IN (SELECT Id FROM Chats WHERE Key LIKE 'many%' ORDER BY Id LIMIT 50)");
        var pinned = await maya.PlaceAsync(chats[0], "pin");
        Assert.Equal(422, pinned.Status);
        Assert.Contains("At most 50 chats can be pinned", pinned.Notice("error"), StringComparison.Ordinal);

        using var noor = await app.SignInAsAsync("Noor");
        var hers = (await noor.StartChatsAsync("Hers"))[0];
        var form = (await noor.GetAsync(hers)).Document.QuerySelector<IHtmlFormElement>(".room-place form[action$='/pin']")!;
        foreach (var how in (string[])["pin", "archive", "folder"])
        {
            Assert.Equal(404, (await noor.SendAsync(HttpMethod.Post, $"{chats[0]}/{how}", Visitor.Fields(form), [])).Status);
            Assert.Equal(404, (await maya.GetAsync($"{chats[0]}/{how}")).Status);
        }
    }

    // Titles by the model would all be the same.
    private Task<int> NameAsync() => app.SqlAsync("UPDATE Chats SET TitleSource = 'Person', Title = (SELECT Text FROM Messages WHERE ChatId = Chats.Id AND ParentId IS NULL)");
}
