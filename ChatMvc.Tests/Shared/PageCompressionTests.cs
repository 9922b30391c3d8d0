using System.IO.Compression;
using ChatMvc.Tests.Chats;

namespace ChatMvc.Tests.Shared;

/// <summary>Pages travel small; what is written while it is read travels as it is.</summary>
public sealed class PageCompressionTests
{
    [Fact]
    public async Task A_room_goes_out_compressed_to_a_browser_that_takes_it()
    {
        await using var app = await TestApp.StartAsync();
        app.OpenAI.WillAnswer(string.Concat(Enumerable.Repeat("The same words again. ", 300)));
        using var maya = await app.SignInAsAsync("Maya");
        var chat = (await maya.StartChatAsync("How is bread made?")).Split('#')[0];
        await maya.LastAnswerAsync(chat);

        using var response = await AskAsync(maya, chat);

        Assert.Equal("br", Assert.Single(response.Content.Headers.ContentEncoding));
        Assert.Contains("Accept-Encoding", response.Headers.Vary);
        Assert.Contains("HX-Request", response.Headers.Vary);
        var sent = await response.Content.ReadAsByteArrayAsync();
        using var html = new StreamReader(new BrotliStream(new MemoryStream(sent), CompressionMode.Decompress));
        var page = await html.ReadToEndAsync();
        Assert.Contains("The same words again.", page, StringComparison.Ordinal);
        Assert.True(sent.Length < page.Length / 3, $"{sent.Length} bytes for {page.Length} characters.");
    }

    [Fact]
    public async Task A_page_that_is_written_live_and_a_stream_are_left_as_they_are()
    {
        await using var app = await TestApp.StartAsync();
        app.OpenAI.WillHangAfter(3);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = (await maya.StartChatAsync("How is bread made?")).Split('#')[0];
        var answer = await maya.AnswerInStateAsync(chat, "streaming");

        using var live = await AskAsync(maya, $"{chat}/messages/{answer.Id![2..]}/live");
        using var events = await AskAsync(maya, $"{chat}/events?after=0");

        Assert.Equal("text/html", live.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain("br", live.Content.Headers.ContentEncoding);
        Assert.Equal("text/event-stream", events.Content.Headers.ContentType!.MediaType);
        Assert.Empty(events.Content.Headers.ContentEncoding);
    }

    private static async Task<HttpResponseMessage> AskAsync(Visitor visitor, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.AcceptEncoding.ParseAdd("gzip, deflate, br");
        return await visitor.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
