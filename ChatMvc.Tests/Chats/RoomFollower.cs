using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace ChatMvc.Tests.Chats;

/// <summary>An event as it came; a comment has no name.</summary>
public sealed record StreamEvent(string? Id, string Name, string Data)
{
    public bool IsComment => Name.Length == 0;
}

/// <summary>
/// A room as a browser with scripts has it: the page as it was loaded, and each event of its stream put into its place.
/// It reads only when it is asked to, so a test decides what has been seen.
/// </summary>
public sealed partial class RoomFollower(Visitor visitor, string chat) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(50);
    private readonly List<StreamEvent> events = [];
    private HttpResponseMessage? response;
    private StreamReader? reader;

    public IHtmlDocument Page { get; private set; } = null!;
    /// <summary>All that came since the follower was made, over all connections.</summary>
    public IReadOnlyList<StreamEvent> Events => events;
    /// <summary>The targets of parts that the page had no place for.</summary>
    public List<string> Missed { get; } = [];
    public string? LastId { get; private set; }
    public int Connections { get; private set; }
    public bool IsConnected => reader is not null;

    public static async Task<RoomFollower> OpenAsync(Visitor visitor, string chat)
    {
        var follower = new RoomFollower(visitor, chat);
        await follower.LoadAsync();
        await follower.ConnectAsync();
        return follower;
    }

    /// <summary>Loads the page anew, as a press of F5 does. What was known of the stream is forgotten.</summary>
    public async Task LoadAsync()
    {
        Disconnect();
        LastId = null;
        var page = await visitor.GetAsync(chat);
        Assert.True(page.Status == 200, $"Status {page.Status}:\n{page.Text}");
        Page = page.Document;
    }

    /// <summary>Opens the stream that the page names, going on after the last event that was seen.</summary>
    public async Task ConnectAsync()
    {
        Disconnect();
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, StreamOf(Page));
            if (LastId is not null) request.Headers.Add("Last-Event-ID", LastId);
            response = await visitor.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            // Streams that were left a moment ago may still count.
            if (response.StatusCode != HttpStatusCode.TooManyRequests || DateTime.UtcNow > until) break;
            response.Dispose();
            await Task.Delay(BetweenAttempts);
        }
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Connections++;
        reader = new StreamReader(await response.Content.ReadAsStreamAsync());
    }

    public static string StreamOf(IHtmlDocument page) => page.QuerySelector("[hx-sse\\:connect]")!.GetAttribute("hx-sse:connect")!;

    /// <summary>Drops the connection, with whatever is still under way on it.</summary>
    public void Disconnect()
    {
        reader?.Dispose();
        response?.Dispose();
        (reader, response) = (null, null);
    }

    /// <summary>Waits for the next event or comment and applies it; null when the stream has ended.</summary>
    public async Task<StreamEvent?> NextAsync(CancellationToken cancellation)
    {
        if (await ReadAsync(cancellation) is not { } next) return null;
        events.Add(next);
        if (next.Id is not null) LastId = next.Id;
        if (next.Data.Length > 0) Missed.AddRange(HtmxParts.Apply(Page, next.Data));
        return next;
    }

    /// <summary>Reads on until the page shows something, coming back when the stream ends.</summary>
    public async Task UntilAsync(Func<RoomFollower, bool> shows)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!shows(this))
        {
            try
            {
                if (await NextAsync(limit.Token) is null) await ConnectAsync();
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"It was not seen within {Patience}. The conversation was:\n{Page.QuerySelector("#log")!.OuterHtml}");
            }
        }
    }

    public IElement? Article(string id) => Page.GetElementById(id);

    public IElement? LastAnswer => Page.QuerySelectorAll("article[data-role=assistant]") is { Length: > 0 } answers ? answers[^1] : null;

    /// <summary>The state of the last answer.</summary>
    public string? State => LastAnswer?.State();

    /// <summary>Its text.</summary>
    public string Body => LastAnswer?.Body() ?? "";

    /// <summary>The articles as they stand, without what differs from one rendering to the next: the forms' tokens.</summary>
    public static string[] Articles(IHtmlDocument page) =>
        [.. page.QuerySelectorAll("#log > article").Select(a => WithoutTokens(a.OuterHtml))];

    public void Dispose() => Disconnect();

    private static string WithoutTokens(string html) => Token().Replace(html, "");

    // Fields of one event, to the empty line; a comment stands alone.
    private async Task<StreamEvent?> ReadAsync(CancellationToken cancellation)
    {
        var (id, name) = ((string?)null, "message");
        StringBuilder? data = null;
        while (await ReadLineAsync(cancellation) is { } line)
        {
            var colon = line.IndexOf(':');
            var (field, value) = colon < 0 ? (line, "") : (line[..colon], line[(colon + 1)..]);
            if (value.StartsWith(' ')) value = value[1..];
            switch (field)
            {
                case "" when line.Length > 0: return new StreamEvent(null, "", "");
                case "": if (data is not null) return new StreamEvent(id, name, data.ToString()); break;
                case "id": id = value; break;
                case "event": name = value; break;
                case "data": data = data is null ? new StringBuilder(value) : data.Append('\n').Append(value); break;
                case "retry": break;
                default: throw new InvalidOperationException($"No field of an event is called {field}.");
            }
        }
        return null;
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellation)
    {
        try
        {
            return await reader!.ReadLineAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return null;
        }
    }

    [GeneratedRegex("""<input name="__RequestVerificationToken"[^>]*>""")]
    private static partial Regex Token();
}
