using System.Diagnostics;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Completions.Live;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace ChatMvc.Tests.Deploy;

/// <summary>A test with a real proxy: skipped, visibly, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProxyFactAttribute : FactAttribute
{
    public ProxyFactAttribute(string kind) => Skip = Proxy.WhyNot(kind);
}

/// <summary>The shipped files for Caddy, nginx and Apache, each in the real program.</summary>
public sealed class ProxyTests(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Idle for longer than any of the three waits by itself; only for those who set this variable, because it takes as long.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(int.TryParse(Environment.GetEnvironmentVariable("CHATMVC_IDLE_SECONDS"), out var seconds) ? seconds : 0);
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync("Limits:BasicMessages=100");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [ProxyFact("caddy")]
    public Task Caddy_passes_everything_on_as_it_comes() => ServesAsync("caddy");

    [ProxyFact("nginx")]
    public Task Nginx_passes_everything_on_as_it_comes() => ServesAsync("nginx");

    [ProxyFact("apache2")]
    public Task Apache_passes_everything_on_as_it_comes() => ServesAsync("apache2");

    private async Task ServesAsync(string kind)
    {
        using var proxy = await Proxy.StartAsync(kind, app.Address);
        using var maya = proxy.Visitor();
        await SignInAsync(maya);
        await TellsTheAppWhoAsksAndHowAsync(maya);
        await PassesFilesAsync(maya);
        await KeepsTheLimitAsync(maya, proxy);
        using var direct = await app.SignInAsAsync("Maya");
        await PassesWordsOnAsync(kind, maya, direct);
    }

    // The sandbox shows its code on no page that a proxy stands before.
    private async Task SignInAsync(Visitor maya)
    {
        var phone = TestApp.PhoneOf("Maya");
        var page = await maya.GetAsync("/signin");
        var asked = await maya.SendAsync(HttpMethod.Post, "/signin", Visitor.Fields(page.Document.QuerySelector<IHtmlFormElement>("form:has([name=phone])")!, ("phone", phone)), [("X-Forwarded-For", "198.51.100.1")]);
        Assert.Equal(303, asked.Status);
        var twilio = app.Services.GetRequiredService<SandboxTwilio>();
        await Rooms.EventuallyAsync(() => Task.FromResult(twilio.LastTo(phone) is not null), "the code is sent");
        var form = (await maya.GetAsync(asked.Location!)).Document;
        Assert.Null(form.QuerySelector("#sandbox-code"));
        var done = await maya.SubmitAsync(form.QuerySelector<IHtmlFormElement>("form:has([name=code])")!, ("code", twilio.LastTo(phone)!.Body[..6]));
        Assert.Equal(303, done.Status);
        Assert.Contains("__Host-chat=", done.Header("Set-Cookie"), StringComparison.Ordinal);
        Assert.Contains("secure", done.Header("Set-Cookie"), StringComparison.OrdinalIgnoreCase);
    }

    private async Task TellsTheAppWhoAsksAndHowAsync(Visitor maya)
    {
        var page = await maya.GetAsync("/chats", ("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-Proto", "http"));
        Assert.Equal(200, page.Status);
        Assert.NotNull(page.Header("Strict-Transport-Security"));
        Assert.NotNull(page.Header("Content-Security-Policy"));
        Assert.Equal(["127.0.0.1"], await app.ReadAsync(db => db.OneTimeCodes.Select(c => c.Address).Distinct().ToListAsync()));
        Assert.Equal(404, (await maya.GetAsync("/metrics")).Status);
    }

    private static async Task PassesFilesAsync(Visitor maya)
    {
        var page = (await maya.GetAsync("/chats")).Document;
        var style = page.QuerySelector("link[rel=stylesheet]")!.GetAttribute("href")!;
        var file = await maya.GetAsync(style, ("Accept-Encoding", "gzip"));
        Assert.Equal((200, "gzip"), (file.Status, file.ContentHeader("Content-Encoding")));
        Assert.NotNull(file.Header("ETag"));
    }

    // Up to the limit the program decides, beyond it the proxy, before anything is passed on.
    private static async Task KeepsTheLimitAsync(Visitor maya, Proxy proxy)
    {
        var form = Visitor.Fields((await maya.GetAsync("/chats")).Compose, ("text", "Hello"));
        Assert.Equal((422, true), await PostAsync(maya, form, 19_800_000));
        using var beyond = proxy.Visitor();
        try
        {
            Assert.Equal((413, false), await PostAsync(beyond, form, 110_000_000));
        }
        // Cut off in the middle of sending, which says the same.
        catch (HttpRequestException) { }
    }

    // Two files of nothing: the program reads them to the end and says that it does not know their kind.
    private static async Task<(int Status, bool IsTheProgram)> PostAsync(Visitor visitor, Dictionary<string, string> form, int bytes)
    {
        using var content = new MultipartFormDataContent();
        foreach (var (name, value) in form) content.Add(new StringContent(value), name);
        for (var i = 0; i < 2; i++) content.Add(new ByteArrayContent(new byte[bytes / 2]), "files", $"{i}.bin");
        using var answer = await visitor.Http.PostAsync(new Uri("/chats", UriKind.Relative), content);
        return ((int)answer.StatusCode, answer.Headers.Contains("Content-Security-Policy"));
    }

    // The second token is held back until the first was seen: what gathers words would wait for ever.
    private async Task PassesWordsOnAsync(string kind, Visitor maya, Visitor direct)
    {
        var chat = await maya.StartChatAsync("Hello");
        await maya.LastAnswerAsync(chat);
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        using var beside = await RoomFollower.OpenAsync(direct, chat);
        await Task.Delay(Idle);
        var differences = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            var (go, word) = (new TaskCompletionSource(), $"Apple{i}");
            app.OpenAI.Behaviour = new() { Text = word + " pie and cream", FirstTokenDelayMs = 200, TokenDelayMs = 0, BeforeToken = sent => sent == 0 ? Task.CompletedTask : go.Task };
            Assert.Equal(303, (await direct.SayAsync(chat, "Hello")).Status);
            var (here, there) = (SeenAsync(follower, word), SeenAsync(beside, word));
            differences.Add(Stopwatch.GetElapsedTime(await there, await here).TotalMilliseconds);
            go.SetResult();
            await direct.LastAnswerAsync(chat);
        }
        output.WriteLine($"{kind}: the first word comes {differences.Order().ElementAt(2):0.0} ms later than directly (median of 5; {differences.Min():0.0} to {differences.Max():0.0}), after {Idle.TotalSeconds} s of silence.");
        Assert.Equal(1, follower.Connections);
        follower.Disconnect();
        beside.Disconnect();
        await Rooms.EventuallyAsync(() => Task.FromResult(app.Services.GetRequiredService<LiveRooms>().FollowerCount == 0), "the app hears that the reader has left");
    }

    private static async Task<long> SeenAsync(RoomFollower follower, string word)
    {
        await follower.UntilAsync(f => f.Body.Contains(word, StringComparison.Ordinal));
        return Stopwatch.GetTimestamp();
    }
}
