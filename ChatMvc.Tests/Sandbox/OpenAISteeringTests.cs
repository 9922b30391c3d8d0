using System.Diagnostics;
using System.Net;
using System.Text.Json;
using ChatMvc.Sandbox;

namespace ChatMvc.Tests.Sandbox;

public class OpenAISteeringTests : SandboxServer
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private const string ForATitle = """{"model":"gpt-6-luna","messages":[{"role":"system","content":"Give this chat a short title."},{"role":"user","content":"Explain how tides work"}]}""";

    [Fact]
    public async Task A_passing_fault_falls_away_after_so_many_requests()
    {
        OpenAI.WillAnswer("Steady");
        await Steer("openai", """{"status":503,"retryAfterSeconds":2,"times":2}""");
        using var first = await Complete(Question("Hi"));
        using var second = await Complete(Question("Hi"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable), (first.StatusCode, second.StatusCode));
        Assert.Equal(TimeSpan.FromSeconds(2), first.Headers.RetryAfter!.Delta);
        Assert.Equal("Steady", await Answer("Hi"));
    }

    [Fact]
    public async Task An_error_event_ends_the_stream_without_done()
    {
        await Steer("openai", """{"errorEventAfterTokens":3,"errorMessage":"The server is on fire","times":1}""");
        var events = await Events(Question("Explain tides", stream: true));
        Assert.Equal(1 + 3 + 1, events.Count);
        Assert.Contains("The server is on fire", events[^1]);
        Assert.Equal(CallState.ErrorEvent, OpenAI.Calls.Snapshot()[^1].State);
    }

    [Fact]
    public async Task A_hung_answer_is_silent_with_the_connection_open_until_the_client_leaves()
    {
        OpenAI.WillHangAfter(2);
        using (var response = await Complete(Question("Explain tides", stream: true), whole: false))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            for (var i = 0; i < 3; i++)
                Assert.StartsWith("data: {", (await reader.ReadLineAsync() + await reader.ReadLineAsync())!);
            var next = reader.ReadLineAsync();
            Assert.NotNull(await OpenAI.WaitForCallAsync(call => call.State == CallState.Hanging, Soon));
            Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(300)));
        }
        Assert.NotNull(await OpenAI.WaitForCallAsync(call => call.State == CallState.AbortedByClient, Soon));
        Assert.Equal(0, OpenAI.Calls.Running);
    }

    [Fact]
    public async Task It_can_hang_before_the_first_event_and_before_the_end()
    {
        OpenAI.WillHangAfter(0);
        using var nothing = await Complete(Question("Hi", stream: true), whole: false);
        Assert.Equal(HttpStatusCode.OK, nothing.StatusCode);

        OpenAI.Behaviour = new() { Text = "all of it", HangBeforeEnd = true, Times = 1 };
        using var response = await Complete(Question("Hi", stream: true), whole: false);
        var hung = await OpenAI.WaitForCallAsync(call => call.State == CallState.Hanging && call.CompletionTokens == 3, Soon);
        Assert.NotNull(hung);
        Assert.Equal(0, OpenAI.Calls.Snapshot()[0].CompletionTokens);
    }

    [Fact]
    public async Task A_refusal_an_empty_answer_and_a_missing_usage_look_as_they_should()
    {
        await Steer("openai", """{"refusal":"I cannot help with that."}""");
        Assert.Contains(await Events(Question("Hi", stream: true)), e => e.Contains("\"refusal\":\" cannot\""));
        await Steer("openai", """{"empty":true}""");
        Assert.Equal("", Text(await Events(Question("Hi", stream: true))));
        await Steer("openai", """{"withoutUsage":true,"finishReason":"content_filter"}""");
        var events = await Events(Question("Say hi", stream: true, ""","stream_options":{"include_usage":true}"""));
        Assert.DoesNotContain(events, e => e.Contains("completion_tokens"));
        Assert.Contains("\"finish_reason\":\"content_filter\"", events[^2]);
    }

    [Fact]
    public async Task Titles_are_neither_steered_nor_counted_as_answers_unless_named()
    {
        await Steer("openai", """{"status":500,"times":1}""");
        Assert.Equal("Questions about tides", await AnswerTo(ForATitle));
        Assert.Equal((0, 1), (OpenAI.Calls.Answers, OpenAI.Calls.Titles));
        using var answer = await Complete(Question("Hi"));
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);

        await Steer("openai", """{"kind":"title","text":"<b>Steered</b>"}""");
        Assert.Equal("<b>Steered</b>", await AnswerTo(ForATitle));
        Assert.NotEqual("<b>Steered</b>", await Answer("Hi"));
        await Steer("openai", """{"kind":"all","text":"Both"}""");
        Assert.Equal(("Both", "Both"), (await AnswerTo(ForATitle), await Answer("Hi")));
    }

    [Fact]
    public async Task Requests_are_listed_in_order_with_their_bodies_and_states()
    {
        await Answer("First");
        OpenAI.WillFail(500);
        using var failed = await Complete(Question("Second"));
        await Complete(Question(new string('x', 100_000)));
        var listed = (await Get("/sandbox/openai/requests")).EnumerateArray().ToList();
        Assert.Equal(["done", "refused", "done"], listed.Select(call => call.GetProperty("state").GetString()));
        Assert.Equal("First", listed[0].GetProperty("body").GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.False(listed[2].TryGetProperty("body", out _));
        Assert.Equal(64 * 1024, listed[2].GetProperty("bodyStart").GetString()!.Length);
        Assert.True(listed[0].GetProperty("receivedAt").GetDouble() <= listed[1].GetProperty("receivedAt").GetDouble());

        await Http.DeleteAsync("/sandbox/openai/requests");
        Assert.Equal(0, (await Get("/sandbox/openai/requests")).GetArrayLength());
        Assert.Equal(3, (await Get("/sandbox/openai/counts")).GetProperty("answer").GetInt32());
    }

    [Fact]
    public async Task No_more_than_a_thousand_requests_are_kept()
    {
        for (var i = 0; i < OpenAICalls.MaxKept + 5; i++)
            (await Complete(Question($"Say {i}"))).Dispose();
        var kept = OpenAI.Calls.Snapshot();
        Assert.Equal(OpenAICalls.MaxKept, kept.Count);
        Assert.Contains("Say 5", System.Text.Encoding.UTF8.GetString(kept[0].Body!));
    }

    [Theory]
    [InlineData("""{"cutAfterToken":3}""")]
    [InlineData("""{"status":200}""")]
    [InlineData("""{"tokenDelayMs":-1}""")]
    [InlineData("""{"times":0}""")]
    [InlineData("""{"text":"a","textBase64":"YQ=="}""")]
    [InlineData("""{"textBase64":"?"}""")]
    [InlineData("""{"finishReason":"tired"}""")]
    [InlineData("""{"kind":"poem"}""")]
    [InlineData("null")]
    [InlineData("nonsense")]
    public async Task Steering_that_makes_no_sense_is_refused_and_changes_nothing(string json)
    {
        OpenAI.WillAnswer("Steady");
        using var response = await Http.PutAsync("/sandbox/openai/behaviour", new StringContent(json));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotEmpty(JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString()!);
        Assert.Equal("Steady", await Answer("Hi"));
    }

    [Fact]
    public async Task The_behaviour_can_be_read_put_back_and_reset()
    {
        await Steer("openai", """{"text":"Hello","tokenDelayMs":3}""");
        await Steer("openai", (await Get("/sandbox/openai/behaviour")).GetRawText());
        Assert.Equal(("Hello", 3), (OpenAI.Behaviour.Text, OpenAI.Behaviour.TokenDelayMs));
        await Http.DeleteAsync("/sandbox/openai/behaviour");
        Assert.Equal(new OpenAIBehaviour(), OpenAI.Behaviour);
    }

    [Fact]
    public async Task Stopping_the_server_ends_running_and_hung_answers_at_once()
    {
        await Steer("openai", """{"tokenDelayMs":1000}""");
        using var running = await Complete(Question("Explain tides", stream: true), whole: false);
        OpenAI.WillHangAfter(0);
        using var hung = await Complete(Question("Hi", stream: true), whole: false);
        Assert.NotNull(await OpenAI.WaitForCallAsync(call => call.State == CallState.Hanging, Soon));

        var watch = Stopwatch.StartNew();
        await StopAsync();
        Assert.InRange(watch.ElapsedMilliseconds, 0, 3000);
        Assert.All(OpenAI.Calls.Snapshot(), call => Assert.Equal(CallState.ServerStopping, call.State));
    }
}
