using System.Text;
using AngleSharp.Html.Parser;

namespace ChatMvc.Tests.Chats;

/// <summary>The page that is sent while the answer is written, for browsers without scripts.</summary>
public sealed class LivePageTests
{
    private const string Markdown = """
        # A heading

        A paragraph with *emphasis*, `code` and a [link](https://example.com/), told in some words.

        - one
        - two with **bold**

        ```csharp
        var a = b < c && d > e;
        ```

        | a | b |
        |---|---|
        | 1 | 2 |

        > A quotation.

        The end.
        """;

    [Fact]
    public async Task It_is_sent_while_the_answer_is_written_and_ends_with_the_way_back()
    {
        await using var app = await TestApp.StartAsync("OpenAI:IdleTimeout=00:01:00");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "First words and then a silence that lasts.", HangAfterTokens = 3, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("First question");
        var running = await maya.AnswerInStateAsync(chat, "streaming");
        using var response = await maya.Http.GetAsync($"{chat}/messages/{running.MessageId()}/live", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        var early = await ReadUntilAsync(reader, "First words");

        // The page is not over, and neither is the answer.
        Assert.DoesNotContain("</html>", early, StringComparison.Ordinal);
        Assert.Equal("streaming", (await maya.GetAsync(chat)).Answers[0].State());
        await maya.SubmitAsync(running.Form("stop"));
        var whole = early + await ReadUntilAsync(reader, "</html>");
        var page = await new HtmlParser().ParseDocumentAsync(whole);
        var back = page.QuerySelector("a[target=_top]")!;
        Assert.Equal($"{chat}?at={running.MessageId()}#m-{running.MessageId()}", back.GetAttribute("href"));
        Assert.Equal("First words and", page.QuerySelector(".message-body")!.TextContent.Trim());
        Assert.Equal("First words and", (await maya.LastAnswerAsync(chat)).Body());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task Its_text_is_that_of_the_finished_answer(int tokenDelayMs)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = Markdown, FirstTokenDelayMs = 100, TokenDelayMs = tokenDelayMs };
        var chat = await maya.StartChatAsync("First question");
        var id = (await maya.GetAsync(chat)).Answers[0].MessageId();

        var live = await maya.GetAsync($"{chat}/messages/{id}/live");
        var finished = await maya.LastAnswerAsync(chat);
        var again = await maya.GetAsync($"{chat}/messages/{id}/live");

        foreach (var page in new[] { live, again })
        {
            Assert.Equal(200, page.Status);
            Assert.Equal(Words(finished.Body()), Words(page.Document.QuerySelector("article .message-body")!.TextContent));
            Assert.NotNull(page.Document.QuerySelector("a[target=_top]"));
            Assert.Contains("frame-ancestors 'self'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Equal("no-store", page.Header("Cache-Control"));
        }
        Assert.Contains("frame-ancestors 'none'", (await maya.GetAsync(chat)).Header("Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_answer_arrives_in_many_pieces()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillHurry(tokenDelayMs: 3);
        var chat = await maya.StartChatAsync("Write 600 words about the sea");
        var id = (await maya.GetAsync(chat)).Answers[0].MessageId();
        using var response = await maya.Http.GetAsync($"{chat}/messages/{id}/live", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var (buffer, pieces, all) = (new byte[64 * 1024], 0, new MemoryStream());

        for (int read; (read = await stream.ReadAsync(buffer)) > 0; pieces++) all.Write(buffer, 0, read);

        Assert.True(pieces > 5, $"It came in {pieces} pieces.");
        var page = await new HtmlParser().ParseDocumentAsync(Encoding.UTF8.GetString(all.ToArray()));
        Assert.Equal(Words((await maya.LastAnswerAsync(chat)).Body()), Words(page.QuerySelector("article .message-body")!.TextContent));
    }

    [Fact]
    public async Task It_waits_with_an_answer_that_waits_and_tells_of_a_failure()
    {
        await using var app = await TestApp.StartAsync("Limits:ConcurrentAnswers=1");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { HangAfterTokens = 0 };
        var busy = await maya.StartChatAsync("Elsewhere");
        var elsewhere = await maya.AnswerInStateAsync(busy, "streaming");
        var chat = await maya.StartChatAsync("First question");
        var id = (await maya.GetAsync(chat)).Answers[0].MessageId();
        using var response = await maya.Http.GetAsync($"{chat}/messages/{id}/live", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        app.OpenAI.WillFail(401, times: 9);

        await maya.SubmitAsync(elsewhere.Form("stop"));
        var whole = await ReadUntilAsync(reader, "</html>");

        Assert.Contains("refused this server", whole, StringComparison.Ordinal);
        Assert.Contains("target=\"_top\"", whole, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_room_without_scripts_holds_the_first_unfinished_answer_in_a_frame()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { HangAfterTokens = 0 };
        var chat = await maya.StartChatAsync("First question");
        await maya.AnswerInStateAsync(chat, "streaming");
        await maya.SayAsync(chat, "Second question");

        var room = await maya.GetAsync(chat);

        // A noscript's content is text to whoever knows scripts.
        var frames = room.Document.QuerySelectorAll("noscript").Where(n => n.InnerHtml.Contains("iframe", StringComparison.Ordinal)).ToList();
        var address = $"{chat}/messages/{room.Answers[0].MessageId()}/live";
        Assert.Contains($"src=\"{address}\"", System.Net.WebUtility.HtmlDecode(Assert.Single(frames).InnerHtml), StringComparison.Ordinal);
        Assert.Contains($"href=\"{address}\"", System.Net.WebUtility.HtmlDecode(frames[0].InnerHtml), StringComparison.Ordinal);
        Assert.Equal(["streaming", "queued"], room.Answers.Select(a => a.State()));
    }

    [Fact]
    public async Task It_is_nobody_elses_and_no_questions()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var chat = await maya.StartChatAsync("First question");
        var answer = await maya.LastAnswerAsync(chat);
        var question = (await maya.GetAsync(chat)).Questions[0];

        Assert.Equal(404, (await noor.GetAsync($"{chat}/messages/{answer.MessageId()}/live")).Status);
        Assert.Equal(404, (await maya.GetAsync($"{chat}/messages/{question.MessageId()}/live")).Status);
        Assert.Equal(404, (await maya.GetAsync($"{chat}/messages/999/live")).Status);
        using var stranger = new Visitor(app.Address);
        Assert.Equal(303, (await stranger.GetAsync($"{chat}/messages/{answer.MessageId()}/live")).Status);
    }

    private static async Task<string> ReadUntilAsync(StreamReader reader, string mark)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (text, buffer) = (new StringBuilder(), new char[4096]);
        while (!text.ToString().Contains(mark, StringComparison.Ordinal))
        {
            var read = await reader.ReadAsync(buffer, limit.Token);
            Assert.True(read > 0, $"The page ended before {mark}:\n{text}");
            text.Append(buffer, 0, read);
        }
        return text.ToString();
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
