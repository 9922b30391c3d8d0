using ChatMvc.Tests.Chats;

namespace ChatMvc.Tests.Billing.Usage;

/// <summary>What one answer took and cost, and what its chat did.</summary>
public sealed class ReceiptTests
{
    private const string Priced = """
        UPDATE Completions SET PromptTokens = 1200, CachedTokens = 200, CompletionTokens = 300, ReasoningTokens = 50, CostMicros = 3100, ChargedMicros = NULL,
          InputPriceMicros = 100000, CachedPriceMicros = 10000, CacheWritePriceMicros = 125000, OutputPriceMicros = 500000, UpstreamRequestId = 'req_seen', IsEstimate = 0
        WHERE Kind = 'Answer'
        """;

    [Fact]
    public async Task The_page_of_an_answer_says_what_it_took_and_cost()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var path = await maya.StartChatAsync("About bread");
        var answer = await maya.LastAnswerAsync(path);
        await app.SqlAsync(Priced);

        var facts = Facts(await maya.GetAsync($"{path}/messages/{answer.MessageId()}"));

        Assert.Equal("gpt-6-luna", facts["Model"]);
        Assert.Equal("One of your free messages", facts["Paid by"]);
        Assert.Equal("1,200, 200 of them cached", facts["Tokens in"]);
        Assert.Equal("300, 50 of them for thinking", facts["Tokens out"]);
        Assert.Equal("$0.0031", facts["Cost"]);
        Assert.StartsWith("$0.10 in, $0.01 cached, $0.50 out, as of ", facts["A million tokens"]);
        Assert.Matches(@"^waited \d+\.\d s, written in \d+\.\d s$", facts["Time"]);
    }

    [Fact]
    public async Task An_unknown_price_and_an_estimate_are_said_in_words()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var path = await maya.StartChatAsync("About bread");
        var url = $"{path}/messages/{(await maya.LastAnswerAsync(path)).MessageId()}";
        await app.SqlAsync(Priced);
        await app.SqlAsync("UPDATE Completions SET CostMicros = NULL, InputPriceMicros = NULL");
        var unknown = await maya.GetAsync(url);
        Assert.Equal("Unknown: this server knows no price for the model.", Facts(unknown)["Cost"]);
        Assert.False(Facts(unknown).ContainsKey("A million tokens"));

        await app.SqlAsync("UPDATE Completions SET CostMicros = 3100, IsEstimate = 1");
        var estimated = await maya.GetAsync(url);
        Assert.Equal("about $0.0031", Facts(estimated)["Cost"]);
        Assert.Contains("They are estimated here", estimated.Text);
    }

    [Fact]
    public async Task Each_request_to_the_provider_is_told()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillFail(500, times: 1);
        var path = await maya.StartChatAsync("About bread");
        var answer = await maya.LastAnswerAsync(path);
        Assert.Equal(2, (await app.AnswerRequestsAsync()).Count);

        var requests = (await maya.GetAsync($"{path}/messages/{answer.MessageId()}")).Document.QuerySelectorAll(".requests li").Select(l => l.TextContent).ToList();

        Assert.Equal(2, requests.Count);
        Assert.Contains(": failed after ", requests[0]);
        Assert.Contains(": complete after ", requests[1]);
        await app.SqlAsync("UPDATE Completions SET PromptTokens = 10, CompletionTokens = 0, CostMicros = 70 WHERE Outcome = 'failed'");
        await app.SqlAsync("UPDATE Completions SET CostMicros = 30, IsEstimate = 0 WHERE Outcome = 'stop'");
        var repeated = await maya.GetAsync($"{path}/messages/{answer.MessageId()}");
        Assert.Equal("$0.00003", Facts(repeated)["Cost"]);
        Assert.Contains("$0.00007, which you do not pay", repeated.Document.QuerySelector(".requests li")!.TextContent);
    }

    [Fact]
    public async Task In_its_room_it_is_asked_for_alone_and_nobody_else_gets_it()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var path = await maya.StartChatAsync("About bread");
        var url = $"{path}/messages/{(await maya.LastAnswerAsync(path)).MessageId()}";

        var part = await maya.GetAsync(url, ("HX-Request", "true"));

        Assert.Equal(200, part.Status);
        Assert.StartsWith("<section class=\"receipt\"", part.Text.TrimStart());
        Assert.DoesNotContain("<html", part.Text);
        Assert.Equal(404, (await noor.GetAsync(url, ("HX-Request", "true"))).Status);
        Assert.Equal(404, (await noor.GetAsync(url)).Status);
        Assert.DoesNotContain("class=\"receipt\"", (await maya.GetAsync(path)).Document.QuerySelector("#log")!.InnerHtml);
    }

    [Theory]
    [InlineData(0, 0, 0, "This chat has cost nothing yet.")]
    [InlineData(12_300, 0, 0, "This chat: $0.0123.")]
    [InlineData(12_300, 0, 2, "This chat: about $0.0123 (2 estimated).")]
    [InlineData(12_300, 1, 0, "This chat: $0.0123, without 1 answer at an unknown price.")]
    [InlineData(0, 3, 0, "What this chat cost is unknown: 3 answers at an unknown price.")]
    public async Task A_chat_says_what_it_cost(int micros, int unknown, int estimated, string words)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var path = await maya.StartChatAsync("About bread");
        await maya.LastAnswerAsync(path);
        await app.SqlAsync($"UPDATE Chats SET CostMicros = {micros}, UnknownCosts = {unknown}, EstimatedCosts = {estimated}");

        Assert.Equal(words, (await maya.GetAsync(path)).Document.QuerySelector("#chat-cost")!.TextContent);
    }

    private static Dictionary<string, string> Facts(Answer page) =>
        page.Document.QuerySelectorAll(".receipt .facts > div").ToDictionary(d => d.Children[0].TextContent, d => d.Children[1].TextContent);
}
