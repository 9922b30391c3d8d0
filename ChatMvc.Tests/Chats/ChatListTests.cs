using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Data;
using ChatMvc.Tests.Accounts;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats;

/// <summary>The list of chats is one query of an index, kept nowhere else: fast among 10,000, and right at once.</summary>
public sealed partial class ChatListTests
{
    [Fact]
    public async Task It_is_read_off_an_index_in_its_order()
    {
        await using var app = await AccountApp.StartAsync("Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command=Information");
        using var maya = new Visitor(app.Address);
        await maya.SignInAsync(TestApp.PhoneOf("Maya"));
        foreach (var page in (string[])["/chats", "/chats?archived=1", "/chats?folder=Travel", "/chats?before=1764000000000-abcdefghijklmnop"]) Assert.Equal(200, (await maya.GetAsync(page)).Status);
        var plans = new List<List<string>>();
        foreach (var query in ListQuery().Matches(app.Log.All).Select(m => m.Value).Distinct()) plans.Add(await app.ReadAsync(db => PlanAsync(db, query)));

        // Each walks its own index, newest first, and looks the chat of each line up; nothing is sorted but lines of one millisecond.
        Assert.Equal(["Active", "Archived", "Folder", "Pinned"], plans.Select(p => Index().Match(p[0]).Groups[1].Value).Order());
        Assert.All(plans, plan =>
        {
            Assert.StartsWith("SEARCH ", plan[0], StringComparison.Ordinal);
            Assert.Matches(@"^SEARCH \w+ USING INTEGER PRIMARY KEY \(rowid=\?\)$", plan[1]);
            Assert.All(plan.Skip(2), step => Assert.Equal("USE TEMP B-TREE FOR RIGHT PART OF ORDER BY", step));
        });
        Assert.Equal(2, plans.Single(p => p[0].Contains("IX_ChatMembers_Active", StringComparison.Ordinal)).Count);
        Assert.Equal(2, plans.Single(p => p[0].Contains("IX_ChatMembers_Archived", StringComparison.Ordinal)).Count);
    }

    private static async Task<List<string>> PlanAsync(ChatDb db, string query)
    {
        await db.Database.OpenConnectionAsync();
        await using var explain = db.Database.GetDbConnection().CreateCommand();
        explain.CommandText = "EXPLAIN QUERY PLAN " + query;
        foreach (var name in Parameter().Matches(query).Select(m => m.Value).Distinct())
        {
            var parameter = explain.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, 1);
            explain.Parameters.Add(parameter);
        }
        await using var rows = await explain.ExecuteReaderAsync();
        var steps = new List<string>();
        while (await rows.ReadAsync()) steps.Add(rows.GetString(3));
        return steps;
    }

    [Fact]
    public async Task It_is_right_at_once_after_every_change()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var otherDevice = await app.SignInAsAsync("Maya");
        var bread = await maya.StartChatAsync("Bread");
        await maya.LastAnswerAsync(bread);
        Assert.Equal([bread], (await ListAsync(otherDevice)).Select(c => c.Path));

        var tea = await maya.StartChatAsync("Tea");
        Assert.Equal([tea, bread], (await ListAsync(otherDevice)).Select(c => c.Path));
        await maya.LastAnswerAsync(tea);

        await maya.SayAsync(bread, "More");
        Assert.Equal([bread, tea], (await ListAsync(otherDevice)).Select(c => c.Path));

        var room = await maya.GetAsync(bread);
        Assert.Equal(303, (await maya.SubmitAsync(room.Document.QuerySelector<IHtmlFormElement>("form.room-settings")!, ("title", "Sourdough"))).Status);
        Assert.Equal((bread, "Sourdough"), (await ListAsync(otherDevice))[0]);

        var deleted = await maya.SubmitAsync(room.Document.QuerySelector<IHtmlFormElement>(".room-delete form")!);
        Assert.Equal([tea], (await ListAsync(otherDevice)).Select(c => c.Path));

        var undo = (await maya.GetAsync(deleted.Location!)).Document.QuerySelector<IHtmlFormElement>(".undo form, form.undo")!;
        Assert.Equal(303, (await maya.SubmitAsync(undo)).Status);
        Assert.Equal((bread, "Sourdough"), (await ListAsync(otherDevice))[0]);
    }

    private static async Task<List<(string Path, string Title)>> ListAsync(Visitor visitor)
    {
        var page = await visitor.GetAsync("/chats");
        var list = page.Document.QuerySelectorAll(".chats a").Select(a => (a.GetAttribute("href")!, a.FirstChild!.TextContent)).ToList();
        Assert.Equal(list, page.Document.QuerySelectorAll("#rail-chats a").Select(a => (a.GetAttribute("href")!, a.FirstChild!.TextContent)));
        return list;
    }

    [GeneratedRegex("""SELECT "c"."ChatId", "c0"."Key"[^;]*?LIMIT (@\w+|\d+)""")]
    private static partial Regex ListQuery();

    [GeneratedRegex(@"IX_ChatMembers_(\w+)")]
    private static partial Regex Index();

    [GeneratedRegex(@"@\w+")]
    private static partial Regex Parameter();
}
