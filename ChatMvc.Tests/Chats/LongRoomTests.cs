using System.Text;

namespace ChatMvc.Tests.Chats;

/// <summary>However long a room is, its page is short, and the others are reached by links.</summary>
public sealed class LongRoomTests
{
    private const int MostBytes = 100_000;

    [Fact]
    public async Task A_room_of_ten_thousand_messages_opens_with_a_small_page_of_the_newest()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var room = await app.HasLongRoomAsync("Maya", 10_000, words: 200);

        var page = await maya.GetAsync(room);

        Assert.Equal(Enumerable.Range(9_951, 50), page.Numbers());
        Assert.InRange(Encoding.UTF8.GetByteCount(page.Text), 50_000, MostBytes);
    }

    [Fact]
    public async Task Without_scripts_one_gets_to_the_beginning_and_back_by_links()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var room = await app.HasLongRoomAsync("Maya", 230);
        var page = await maya.GetAsync(room);
        var (up, down) = (new List<List<int>> { page.Numbers() }, new List<List<int>>());

        while (Link(page, ".older a") is { } older) up.Insert(0, (page = await maya.GetAsync(older)).Numbers());
        Assert.Equal(Enumerable.Range(1, 230), up.SelectMany(n => n));
        Assert.All(up[1..], numbers => Assert.Equal(50, numbers.Count));

        down.Add(page.Numbers());
        while (Link(page, ".newest a[rel=next]") is { } newer) down.Add((page = await maya.GetAsync(newer)).Numbers());
        Assert.Equal(room, Link(page, ".newest a:last-child"));
        down.Add((page = await maya.GetAsync(room)).Numbers());
        Assert.Equal(Enumerable.Range(1, 230), down.SelectMany(n => n).Distinct());
        Assert.All(down.Zip(down.Skip(1)), pages => Assert.True(pages.Second[0] <= pages.First[^1] + 1, "Nothing is left out between two pages."));
        Assert.Null(Link(page, ".newest a"));
        Assert.NotNull(page.Compose);
    }

    private static string? Link(Answer page, string selector)
    {
        Assert.True(page.Status == 200, $"Status {page.Status}:\n{page.Text}");
        return page.Document.QuerySelector(selector)?.GetAttribute("href");
    }
}
