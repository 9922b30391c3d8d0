using System.Text.Json;
using ChatMvc.Tests.Chats;
using ChatMvc.Tests.Crash;

namespace ChatMvc.Tests.Operators;

/// <summary>One id leads from a page to its jobs and to what was asked upstream.</summary>
public sealed class ReferenceTests
{
    private const string Text = "A canary in the question";

    [Fact]
    public async Task In_Production_the_page_the_job_and_the_upstream_s_request_are_found_in_the_log_by_one_id()
    {
        await using var app = await MortalApp.StartAsync(null, "environment=Production", "Sandbox:Enabled=true", "PublicUrl=https://chat.example.com");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync(Text);
        await maya.LastAnswerAsync(chat);
        await Rooms.EventuallyAsync(() => Task.FromResult(app.Server.Output.Contains("ChatMvc.Completions.AnswerJob", StringComparison.Ordinal)), "the answer's end is logged");

        var lines = app.Server.Output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var page = Of(lines, "ChatMvc.Chats.Sending");
        Assert.Equal(page, Of(lines, "ChatMvc.Completions.ModelClient"));
        Assert.Equal(page, Of(lines, "ChatMvc.Completions.AnswerJob"));
        Assert.Contains(page, app.OpenAI.Calls.Snapshot().Select(c => c.ClientRequestId));
        foreach (var secret in new[] { "canary", TestApp.PhoneOf("Maya")[1..], "sk-" })
            Assert.DoesNotContain(secret, app.Server.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_answer_that_waited_keeps_the_id_of_its_own_page()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var go = new TaskCompletionSource();
        app.OpenAI.Behaviour = new() { Text = "One two three", FirstTokenDelayMs = 0, TokenDelayMs = 0, BeforeToken = _ => go.Task };
        var chat = await maya.StartChatAsync("First");
        await maya.AnswerInStateAsync(chat, "streaming");
        await maya.SayAsync(chat, "Second");
        go.SetResult();
        await Rooms.EventuallyAsync(() => Task.FromResult(app.AnswerCalls().Count == 2), "both are asked");
        var ids = app.AnswerCalls().Select(c => c.ClientRequestId).ToList();
        Assert.All(ids, id => Assert.Contains(':', id));
        Assert.NotEqual(ids[0], ids[1]);
    }

    [Fact]
    public async Task A_page_that_failed_says_by_what_it_is_found()
    {
        await using var app = await Accounts.AccountApp.StartAsync();
        using var maya = new Visitor(app.Address);
        await maya.SignInAsync(TestApp.PhoneOf("Maya"));
        await app.WriteAsync("ALTER TABLE ChatMembers RENAME TO Gone");
        var page = await maya.GetAsync("/chats");
        Assert.Equal(500, page.Status);
        Assert.Matches("^Reference: [A-Z0-9]+:[0-9A-F]+$", page.Document.QuerySelector("main .hint")!.TextContent);
        var part = await maya.GetAsync("/chats", ("HX-Request", "true"));
        Assert.Matches("Reference: [A-Z0-9]+:[0-9A-F]+", part.Document.QuerySelector("[data-notice=error]")!.TextContent);
        // What is not there is no fault, and looks the same however it came about.
        Assert.DoesNotContain("Reference", (await maya.GetAsync("/nowhere")).Text, StringComparison.Ordinal);
    }

    private static string Of(List<JsonElement> lines, string category)
    {
        var line = lines.First(l => l.GetProperty("Category").GetString() == category);
        return line.GetProperty("Scopes").EnumerateArray().Where(s => s.ValueKind == JsonValueKind.Object && s.TryGetProperty("RequestId", out _)).Select(s => s.GetProperty("RequestId").GetString()!).First();
    }
}
