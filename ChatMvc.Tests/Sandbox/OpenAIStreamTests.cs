using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace ChatMvc.Tests.Sandbox;

public class OpenAIStreamTests : SandboxServer
{
    // What is due within a tick goes out now.
    private const int TimerTickMs = 5;
    private const string WithUsage = ""","stream_options":{"include_usage":true}""";

    [Fact]
    public async Task A_stream_has_the_vendors_order()
    {
        var events = (await Events(Question("Say hello", stream: true, WithUsage))).Select(Json).ToList();
        Assert.Equal("assistant", Delta(events[0]).GetProperty("role").GetString());
        Assert.All(events.Skip(1).SkipLast(3), chunk => Assert.Equal("content", Assert.Single(Delta(chunk).EnumerateObject().ToList()).Name));
        Assert.Empty(Delta(events[^3]).EnumerateObject());
        Assert.Equal("stop", events[^3].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(0, events[^2].GetProperty("choices").GetArrayLength());
        Assert.Equal(events.Count - 4, events[^2].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.All(events.SkipLast(2), chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));
        Assert.Single(events.SkipLast(1).Select(chunk => chunk.GetProperty("id").GetString()).Distinct());
    }

    [Fact]
    public async Task Without_being_asked_no_chunk_speaks_of_usage()
    {
        var events = (await Events(Question("Say hello", stream: true))).SkipLast(1).Select(Json);
        Assert.All(events, chunk => Assert.False(chunk.TryGetProperty("usage", out _)));
    }

    [Fact]
    public async Task Answers_carry_the_vendors_headers()
    {
        using var answer = await Complete(Question("Hi", stream: true));
        foreach (var name in new[] { "x-request-id", "openai-processing-ms", "x-ratelimit-limit-requests", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens" })
            Assert.True(answer.Headers.Contains(name), name);
    }

    [Fact]
    public async Task The_pace_is_a_humans_by_default_and_exact_when_steered()
    {
        OpenAI.Reset();
        var watch = Stopwatch.StartNew();
        await Events(Question("Say one two three", stream: true, ""","max_completion_tokens":9"""));
        Assert.InRange(watch.ElapsedMilliseconds, 250, 3000);

        await Steer("openai", """{"firstTokenDelayMs":200,"tokenDelayMs":20}""");
        watch.Restart();
        var events = await Events(Question("Explain tides", stream: true, ""","max_completion_tokens":20"""));
        Assert.Equal(22 + 1, events.Count);
        Assert.InRange(watch.ElapsedMilliseconds, 200 + 19 * 20 - TimerTickMs, 4000);
    }

    [Fact]
    public async Task The_exact_text_arrives_to_the_character()
    {
        const string text = "  Zwölf\tBoxkämpfer 👩‍👩‍👧‍👦 \"quoted\" \\ </script> \u2028 日本語の長い文章は空白がない\r\n\r\n```\ncode\n```\n ";
        await Steer("openai", JsonSerializer.Serialize(new { text }));
        Assert.Equal(text, Text(await Events(Question("Hi", stream: true))));
        Assert.Equal(text, await Answer("Hi"));
        await Steer("openai", JsonSerializer.Serialize(new { textBase64 = Convert.ToBase64String("é✓"u8), repeat = 3 }));
        Assert.Equal("é✓é✓é✓", Text(await Events(Question("Hi", stream: true))));
    }

    [Fact]
    public async Task An_answer_of_megabytes_streams_at_full_speed()
    {
        OpenAI.Behaviour = new() { Text = "word ", Repeat = 1_000_000, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        using var response = await Complete(Question("Hi", stream: true), whole: false);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var chunks = 0;
        while (await reader.ReadLineAsync() is { } line && line != "data: [DONE]")
            chunks += line.Length > 0 ? 1 : 0;
        Assert.InRange(chunks, 1_000_000, 1_000_010);
    }

    [Fact]
    public async Task Two_hundred_answers_stream_at_once_without_falling_behind()
    {
        await Steer("openai", """{"text":"one two three four five six seven eight nine ten","firstTokenDelayMs":300,"tokenDelayMs":50}""");
        var watch = Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Events(Question("Hi", stream: true))));
        Assert.All(answers, events => Assert.Equal(10 + 3, events.Count));
        Assert.InRange(OpenAI.Calls.MostAtOnce, 150, 200);
        Assert.InRange(watch.ElapsedMilliseconds, 300 + 9 * 50 - TimerTickMs, 10_000);
    }

    [Fact]
    public async Task Cached_tokens_are_counted_from_the_second_turn_of_a_long_conversation()
    {
        var longText = string.Join(' ', Enumerable.Repeat("word", 1500));
        var body = $$"""{"model":"gpt-6-luna","messages":[{"role":"user","content":"{{longText}}"},{"role":"assistant","content":"Fine."},{"role":"user","content":"Hi"}]}""";
        using var answer = await Complete(body);
        var usage = Json(await answer.Content.ReadAsStringAsync()).GetProperty("usage");
        var details = usage.GetProperty("prompt_tokens_details");
        Assert.InRange(details.GetProperty("cached_tokens").GetInt32(), 1024, usage.GetProperty("prompt_tokens").GetInt32());
        Assert.True(details.TryGetProperty("cache_write_tokens", out _));
    }

    [Fact]
    public async Task Without_a_key_or_with_a_bad_request_the_vendors_error_comes_back()
    {
        using var keyless = await Http.PostAsync("/sandbox/openai/v1/chat/completions", new StringContent(Question("Hi")));
        Assert.Equal(HttpStatusCode.Unauthorized, keyless.StatusCode);
        foreach (var (json, status, code) in new[]
        {
            (Question("Hi", more: ""","temperature":3"""), 400, "decimal_above_max_value"),
            (Question("Hi", more: ""","max_completion_tokens":0"""), 400, "integer_below_min_value"),
            (Question("Hi").Replace("gpt-6-luna", "gpt-5-mini").Replace("\"stream\"", "\"temperature\":0.2,\"stream\""), 400, "unsupported_value"),
            (Question("Hi").Replace("\"user\"", "\"boss\""), 400, "invalid_value"),
            (Question("Hi").Replace("gpt-6-luna", "gpt-0"), 404, "model_not_found"),
        })
        {
            using var refused = await Complete(json);
            Assert.Equal(status, (int)refused.StatusCode);
            Assert.Equal(code, Json(await refused.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("code").GetString());
        }
        using var large = await Complete(Question(new string('x', 32 * 1024 * 1024)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal(0, OpenAI.Calls.Answers);
    }

    private static JsonElement Json(string text) => text == "[DONE]" ? default : JsonDocument.Parse(text).RootElement;

    private static JsonElement Delta(JsonElement chunk) => chunk.GetProperty("choices")[0].GetProperty("delta");
}
