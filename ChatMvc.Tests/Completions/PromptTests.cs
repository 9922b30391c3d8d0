using System.Text;
using System.Text.Json;
using ChatMvc.Completions;
using ChatMvc.Tests.Chats;

namespace ChatMvc.Tests.Completions;

/// <summary>What the model hears, read off the requests that reached the upstream.</summary>
public sealed class PromptTests
{
    [Fact]
    public async Task The_request_streams_with_usage_bounds_the_answer_and_names_nobody()
    {
        await using var app = await TestApp.StartAsync("OpenAI:MaxAnswerTokens=777");
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartChatAsync("How is bread made?"));

        using var request = JsonDocument.Parse(app.LastHeard());

        Assert.Equal("gpt-6-luna", request.RootElement.GetProperty("model").GetString());
        Assert.True(request.RootElement.GetProperty("stream").GetBoolean());
        Assert.True(request.RootElement.GetProperty("stream_options").GetProperty("include_usage").GetBoolean());
        Assert.Equal(777, request.RootElement.GetProperty("max_completion_tokens").GetInt32());
        Assert.False(request.RootElement.TryGetProperty("max_tokens", out _));
        Assert.False(request.RootElement.TryGetProperty("temperature", out _));
        Assert.Equal(32, request.RootElement.GetProperty("safety_identifier").GetString()!.Length);
        Assert.DoesNotContain(TestApp.PhoneOf("Maya")[1..], app.LastHeard(), StringComparison.Ordinal);
        Assert.Equal([("user", "How is bread made?")], MessagesOf(app.LastHeard()));
    }

    [Fact]
    public async Task The_history_fits_the_budget_newest_first_and_without_holes()
    {
        await using var app = await TestApp.StartAsync("OpenAI:MaxPromptTokens=256", "Limits:BasicMessages=20");
        using var maya = await app.SignInAsAsync("Maya");
        string? chat = null;
        var said = new List<(string, string)>();
        for (var i = 0; i < 8; i++)
        {
            var (question, answer) = ($"Question {i} " + new string('q', 60), $"Answer {i} " + new string('a', 60));
            app.OpenAI.WillAnswer(answer);
            if (chat is null) chat = await maya.StartChatAsync(question);
            else Assert.Equal(303, (await maya.SayAsync(chat, question)).Status);
            Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());
            said.Add(("user", question));

            var heard = MessagesOf(app.LastHeard());

            Assert.Equal(said.TakeLast(heard.Count), heard);
            Assert.InRange(heard.Sum(m => TokenEstimate.Of(m.Text) + TokenEstimate.PerMessage), 1, 256);
            if (i > 0) Assert.True(heard.Count > 1, "Some history fits.");
            said.Add(("assistant", answer));
        }
        Assert.True(MessagesOf(app.LastHeard()).Count < said.Count - 1, "Not all of the history fits.");
    }

    [Fact]
    public async Task A_question_alone_goes_even_over_the_budget()
    {
        await using var app = await TestApp.StartAsync("OpenAI:MaxPromptTokens=256");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Short.");
        var chat = await maya.StartChatAsync("Short?");
        await maya.LastAnswerAsync(chat);
        var question = new string('q', 5_000);

        await maya.SayAsync(chat, question);
        await maya.LastAnswerAsync(chat);

        Assert.Equal([("user", question)], MessagesOf(app.LastHeard()));
    }

    [Fact]
    public async Task Failed_answers_are_left_out_and_stopped_ones_are_not()
    {
        await using var app = await TestApp.StartAsync("OpenAI:IdleTimeout=00:00:30");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "Words of the one that failed, some of them.", CutAfterTokens = 5, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("First question");
        Assert.Equal("failed", (await maya.LastAnswerAsync(chat)).State());
        app.OpenAI.Behaviour = new() { Text = "Half an answer that somebody stopped.", HangAfterTokens = 3, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        await maya.SayAsync(chat, "Second question");
        await Rooms.EventuallyAsync(async () => (await maya.GetAsync(chat)).Answers[^1].Body().StartsWith("Half an answer", StringComparison.Ordinal), "some of it is written");
        var partial = (await maya.GetAsync(chat)).Answers[^1];
        await maya.SubmitAsync(partial.Form("stop"));
        app.OpenAI.WillAnswer("Third answer.");

        await maya.SayAsync(chat, "Third question");
        await maya.LastAnswerAsync(chat);

        Assert.Equal(["First question", "Second question", "Half an answer", "Third question"], MessagesOf(app.LastHeard()).Select(m => m.Text.Trim()));
    }

    [Fact]
    public async Task A_retry_asks_the_same_as_the_first_time()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("First answer.");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);
        app.OpenAI.WillFail(401);
        await maya.SayAsync(chat, "Second question");
        var failed = await maya.LastAnswerAsync(chat);
        var before = app.LastHeard();

        await maya.SubmitAsync(failed.Form("regenerate"));
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());

        Assert.Equal(before, app.LastHeard());
    }

    internal static List<(string Role, string Text)> MessagesOf(string request)
    {
        using var json = JsonDocument.Parse(Encoding.UTF8.GetBytes(request));
        return [.. json.RootElement.GetProperty("messages").EnumerateArray().Select(m => (m.GetProperty("role").GetString()!, TextOf(m.GetProperty("content"))))];
    }

    private static string TextOf(JsonElement content) => content.ValueKind == JsonValueKind.String
        ? content.GetString()!
        : string.Concat(content.EnumerateArray().Select(part => part.GetProperty("text").GetString()));
}
