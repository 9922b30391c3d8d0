using ChatMvc.Tests.Accounts;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Shared;

/// <summary>Who asks, for whom, and how fast: what stands before every page.</summary>
public sealed class EdgeTests
{
    private const int MoreThanABucket = 3_000;

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("198.51.100.9, 203.0.113.7", "203.0.113.7")]
    [InlineData("127.0.0.1, 203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    public async Task Limits_count_the_right_most_address_that_a_known_proxy_tells(string forwarded, string counted)
    {
        await using var app = await AccountApp.StartAsync();
        using var browser = app.Browser(forwarded);
        await browser.AskAsync("+12125550101");
        Assert.Equal(counted, await app.ReadAsync(db => db.OneTimeCodes.Select(c => c.Address).SingleAsync()));
    }

    [Fact]
    public async Task What_a_stranger_says_of_its_address_is_not_believed()
    {
        await using var app = await AccountApp.StartAsync("ForwardedHeaders:KnownProxies=192.0.2.1");
        for (var i = 0; i < 21; i++)
        {
            using var browser = app.Browser($"203.0.113.{i}");
            Assert.Equal(i < 20 ? 303 : 429, (await browser.AskAsync($"+1212{500 + i}0101")).Status);
        }
        Assert.Equal(["127.0.0.1"], await app.ReadAsync(db => db.OneTimeCodes.Select(c => c.Address).Distinct().ToListAsync()));
    }

    [Theory]
    [InlineData("ForwardedHeaders:KnownProxies=")]
    [InlineData("ForwardedHeaders:KnownProxies=192.0.2.1")]
    public async Task Who_claims_to_be_this_machine_is_not(string proxies)
    {
        await using var app = await AccountApp.StartAsync(proxies);
        using var browser = app.Browser("127.0.0.1");
        await browser.AskAsync("+12125550101");
        Assert.Null((await browser.GetAsync("/signin/code")).Document.QuerySelector("#sandbox-code"));
    }

    [Theory]
    [InlineData("chat.example.com", 200)]
    [InlineData("CHAT.example.com:8443", 200)]
    [InlineData("localhost:5000", 200)]
    [InlineData("[::1]:5000", 200)]
    [InlineData("evil.example", 400)]
    [InlineData("chat.example.com.evil.example", 400)]
    [InlineData("203.0.113.1", 400)]
    public async Task In_Production_the_server_answers_to_its_own_name_alone(string host, int status)
    {
        await using var app = await TestApp.StartAsync("environment=Production", "Sandbox:Enabled=true", "PublicUrl=https://chat.example.com");
        using var visitor = new Visitor(app.Address);
        var answer = await visitor.GetAsync("/signin", ("Host", host));
        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 400, answer.Document.QuerySelector("main [data-notice=error]") is not null);
        Assert.NotNull(answer.Header("Content-Security-Policy"));
        Assert.Equal(200, (await visitor.GetAsync("/healthz", ("Host", host))).Status);
    }

    [Fact]
    public async Task Whoever_sends_forms_too_fast_keeps_what_was_typed_and_hears_when_to_go_on()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var refused = await FloodAsync(maya, "/chats?x=1", []);
        Assert.InRange(refused.RetryAfter, 1, 60);
        Assert.Contains("in a second", refused.Error, StringComparison.Ordinal);
        var form = refused.Document.QuerySelector("form[method=post]")!;
        Assert.Equal("/chats?x=1", form.GetAttribute("action"));
        Assert.Equal("A question", form.QuerySelector("textarea[name=text]")!.TextContent);
        Assert.NotEmpty(form.QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!);

        var part = await FloodAsync(maya, "/chats", [("HX-Request", "true")]);
        Assert.StartsWith("<p", part.Text.TrimStart(), StringComparison.Ordinal);
        Assert.Contains("in a second", part.Error, StringComparison.Ordinal);
        Assert.InRange(part.RetryAfter, 1, 60);

        // Reading goes on, and so does everybody else from the same address.
        Assert.Equal(200, (await maya.GetAsync("/chats")).Status);
        using var omar = await app.SignInAsAsync("Omar");
        await omar.StartChatAsync("Hello");
    }

    [Fact]
    public async Task Signed_out_an_address_has_a_bucket_and_the_next_address_another()
    {
        await using var app = await AccountApp.StartAsync();
        using var visitor = new Visitor(app.Address);
        var refused = await FloodAsync(visitor, "/signin", []);
        Assert.InRange(refused.RetryAfter, 1, 60);
        using var elsewhere = app.Browser("203.0.113.1");
        Assert.Equal(303, (await elsewhere.AskAsync("+12125550101")).Status);
    }

    [Fact]
    public async Task What_a_quick_hand_sends_passes()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var stranger = new Visitor(app.Address);
        foreach (var (visitor, path) in new[] { (maya, "/chats"), (stranger, "/signin") })
            Assert.All(await BurstAsync(visitor, path, 240, [("HX-Request", "true")]), a => Assert.Equal(400, a.Status));
    }

    [Fact]
    public async Task A_closed_machine_can_be_load_tested()
    {
        await using var app = await TestApp.StartAsync("RateLimits:Enabled=false");
        using var visitor = new Visitor(app.Address);
        Assert.All(await BurstAsync(visitor, "/signin", 1_000, [("HX-Request", "true")]), a => Assert.Equal(400, a.Status));
    }

    /// <summary>Posts without a token, which is refused cheaply, until it is refused for its haste.</summary>
    private static async Task<Answer> FloodAsync(Visitor visitor, string path, (string Name, string Value)[] headers)
    {
        for (var sent = 0; sent < MoreThanABucket; sent += 100)
        {
            if ((await BurstAsync(visitor, path, 100, headers)).FirstOrDefault(a => a.Status == 429) is { } refused) return refused;
        }
        throw new InvalidOperationException("No post was refused.");
    }

    private static Task<Answer[]> BurstAsync(Visitor visitor, string path, int posts, (string Name, string Value)[] headers) =>
        Task.WhenAll(Enumerable.Range(0, posts).Select(_ =>
            visitor.SendAsync(HttpMethod.Post, path, new() { ["text"] = "A question", ["phone"] = "1" }, headers)));
}
