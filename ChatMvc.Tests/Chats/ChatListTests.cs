using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
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
        await maya.GetAsync("/chats");
        var query = ListQuery().Matches(app.Log.All).Select(m => m.Value).Distinct().Single();

        var plan = await app.ReadAsync(async db =>
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
        });

        Assert.Equal(2, plan.Count);
        Assert.Matches(@"^SEARCH \w+ USING (COVERING )?INDEX IX_ChatMembers_Active \(UserId=\?\)$", plan[0]);
        Assert.Matches(@"^SEARCH \w+ USING INTEGER PRIMARY KEY \(rowid=\?\)$", plan[1]);
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
        var list = page.Document.QuerySelectorAll(".chats a").Select(a => (a.GetAttribute("href")!, a.TextContent)).ToList();
        Assert.Equal(list, page.Document.QuerySelectorAll("#rail-chats a").Select(a => (a.GetAttribute("href")!, a.FirstChild!.TextContent)));
        return list;
    }

    [GeneratedRegex("""SELECT "c"."ChatId", "c0"."Key"[^;]*?LIMIT @\w+ OFFSET @\w+""")]
    private static partial Regex ListQuery();

    [GeneratedRegex(@"@\w+")]
    private static partial Regex Parameter();
}
