using AngleSharp.Dom;
using ChatMvc.Tests.Chats.Attachments;

namespace ChatMvc.Tests.Chats;

/// <summary>Long answers have an outline, and a chat can be read as one text.</summary>
public sealed class ReadingTests : IAsyncLifetime
{
    private const string Long = """
        # Bread <b>& more</b>

        Text.

        ## What `you` need [here](https://example.org)

        - Flour

        ### How

        ```md
        ## Not a heading
        ```

        ## When
        """;

    private TestApp app = null!;
    private Visitor maya = null!;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync("Limits:BasicMessages=1000", "RateLimits:Enabled=false");
        maya = await app.SignInAsAsync("Maya");
    }

    public async Task DisposeAsync()
    {
        maya.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task A_long_answer_has_an_outline_whose_links_lead_to_its_headings()
    {
        app.OpenAI.WillAnswer(Long);
        var chat = await maya.StartChatAsync("Bread?");
        await maya.LastAnswerAsync(chat);
        await maya.SayAsync(chat, "Once more");
        await maya.LastAnswerAsync(chat);
        var room = (await maya.GetAsync(chat)).Document;

        var links = room.QuerySelectorAll(".outline a");

        Assert.Equal(["Bread <b>& more</b>", "What you need here", "How", "When"], links.Take(4).Select(link => link.TextContent));
        Assert.Equal(8, links.Length);
        Assert.Equal(["3", "4", "5", "4"], links.Take(4).Select(link => link.ParentElement!.GetAttribute("data-level")));
        Assert.All(links, link => Assert.Equal(link.TextContent, room.QuerySelector(link.GetAttribute("href")!)!.TextContent));
        Assert.Equal(8, room.QuerySelectorAll(".message-body [id^=m-]").Select(e => e.Id).Distinct().Count());
        Assert.All(links, link => Assert.Empty(link.Children));
    }

    [Fact]
    public async Task An_answer_that_is_seen_at_a_glance_has_none()
    {
        app.OpenAI.WillAnswer("# One\n\n# Two\n\n# Three");
        var chat = await maya.StartChatAsync("Short?");
        await maya.LastAnswerAsync(chat);
        var room = (await maya.GetAsync(chat)).Document;
        Assert.Null(room.QuerySelector(".outline"));
        Assert.Empty(room.QuerySelectorAll(".message-body [id]"));
    }

    [Fact]
    public async Task A_chat_is_read_as_one_text_without_what_failed()
    {
        app.OpenAI.WillAnswer("**Water** and flour.");
        var chat = await maya.StartChatAsync("What is <dough>?\nAnd why");
        await maya.LastAnswerAsync(chat);
        app.OpenAI.WillFail(400);
        await maya.SayAsync(chat, "And then?");
        await maya.LastAnswerAsync(chat);

        var page = (await maya.GetAsync(chat + "/read")).Document;

        Assert.Equal(["What is <dough>?\nAnd why", "Water and flour.", "And then?"], page.QuerySelectorAll("article").Select(a => a.TextContent.Trim()));
        Assert.NotNull(page.QuerySelector("article strong"));
        Assert.Empty(page.QuerySelectorAll("main form"));
    }

    [Fact]
    public async Task The_text_names_the_files_that_came_with_a_question()
    {
        var chat = await maya.StartWithFilesAsync("Read these", ("notes <1>.txt", "Words"u8.ToArray()), ("photo.png", Pictures.WholePng));
        await maya.LastAnswerAsync(chat);

        var page = (await maya.GetAsync(chat.Split('#')[0] + "/read")).Document;

        Assert.Equal(["notes <1>.txt (text, 5 B)", "photo.png (picture, 70 B)"], page.QuerySelectorAll(".question .hint").Select(line => line.TextContent));
        Assert.Empty(page.QuerySelectorAll(".question a"));
    }

    [Fact]
    public async Task It_is_nobody_elses()
    {
        var chat = await maya.StartChatAsync("Mine");
        using var noor = await app.SignInAsAsync("Noor");
        Assert.Equal(404, (await noor.GetAsync(chat + "/read")).Status);
        Assert.Equal(404, (await maya.GetAsync("/chats/none/read")).Status);
        Assert.Equal(404, (await maya.GetAsync(chat + "/read?before=99999")).Status);
    }
}
