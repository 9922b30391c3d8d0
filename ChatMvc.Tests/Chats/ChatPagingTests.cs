using AngleSharp.Dom;

namespace ChatMvc.Tests.Chats;

/// <summary>The pages of the list, by link and by scrolling.</summary>
public sealed class ChatPagingTests
{
    [Theory]
    [InlineData("")]
    [InlineData("?archived=1")]
    [InlineData("?folder=Travel")]
    public async Task Every_chat_stands_on_one_page_in_its_order_also_where_two_are_of_the_same_moment(string view)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await app.ManyChatsAsync(120);
        if (view.Contains("archived", StringComparison.Ordinal)) await app.SqlAsync("UPDATE ChatMembers SET ArchivedAt = ActiveAt");
        if (view.Contains("folder", StringComparison.Ordinal)) await app.SqlAsync("UPDATE ChatMembers SET Folder = 'Travel'");

        var (titles, pages) = (new List<string>(), 0);
        for (var next = "/chats" + view; next is not null; pages++)
        {
            var page = await maya.GetAsync(next);
            Assert.Equal(200, page.Status);
            titles.AddRange(page.Titles);
            next = page.Older;
        }

        // Two of each minute; of these the later made one stands first.
        Assert.Equal(Enumerable.Range(1, 120).OrderBy(i => i / 2).ThenByDescending(i => i).Select(i => $"Chat {i}"), titles);
        Assert.Equal(3, pages);
    }

    [Fact]
    public async Task A_chat_that_moves_to_the_top_meanwhile_is_neither_repeated_nor_pushes_another_one_out()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=100");
        app.OpenAI.WillAnswer("Fine.");
        using var maya = await app.SignInAsAsync("Maya");
        await app.ManyChatsAsync(120);
        var first = await maya.GetAsync("/chats");

        await maya.SayAsync("/chats/many000000000010", "More");
        await maya.SayAsync("/chats/many000000000110", "More");
        await maya.StartChatAsync("A new one");
        var second = await maya.GetAsync(first.Older!);
        var third = await maya.GetAsync(second.Older!);

        List<string> seen = [.. first.Titles, .. second.Titles, .. third.Titles];
        Assert.Equal(seen.Distinct().Count(), seen.Count);
        Assert.Equal(["Chat 110"], Enumerable.Range(1, 120).Select(i => $"Chat {i}").Except(seen));
        Assert.Contains("Chat 110", (await maya.GetAsync("/chats")).Titles);
    }

    [Fact]
    public async Task By_scrolling_the_same_lines_come_alone_and_only_where_the_heading_changes_it_is_said_again()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await app.ManyChatsAsync(120);
        await app.SqlAsync($"UPDATE ChatMembers SET ActiveAt = {app.Time.GetUtcNow().AddDays(-800).ToUnixTimeMilliseconds()}");
        var first = await maya.GetAsync("/chats");
        var more = first.Document.QuerySelector(".pages a[rel=next]")!;
        Assert.Equal(("revealed", "closest .pages", "outerHTML"), (more.GetAttribute("hx-trigger"), more.GetAttribute("hx-target"), more.GetAttribute("hx-swap")));

        var part = await maya.GetAsync(more.GetAttribute("hx-get")!, ("HX-Request", "true"));
        var page = await maya.GetAsync(more.GetAttribute("href")!);

        Assert.DoesNotContain("<html", part.Text, StringComparison.Ordinal);
        Assert.Equal(page.Titles, part.Titles);
        Assert.Equal(page.Older, part.Older);
        Assert.Equal("continued", part.Document.QuerySelector("h3")!.ClassName);
    }

    [Theory]
    [InlineData("before=x")]
    [InlineData("before=1764000000000")]
    [InlineData("before=-1-abcdefghijklmnop")]
    [InlineData("before=99999999999999999999-abcdefghijklmnop")]
    [InlineData("folder=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_place_that_cannot_be_is_not_found(string query)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        Assert.Equal(404, (await maya.GetAsync("/chats?" + query)).Status);
    }
}
