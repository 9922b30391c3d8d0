using System.Text.Json;

namespace ChatMvc.Tests.Sandbox;

/// <summary>What the sandbox says as OpenAI is what OpenAI's own document allows.</summary>
public class OpenAISpecTests : SandboxServer
{
    private const string Chunk = "CreateChatCompletionStreamResponse";

    [SpecFact]
    public async Task Every_chunk_of_a_stream_is_one_of_the_documents()
    {
        var spec = VendorSpec.Load("openai");
        foreach (var more in new[] { "", ""","stream_options":{"include_usage":true}""", ""","stream_options":{"include_usage":true,"include_obfuscation":false}""" })
        {
            var events = await Events(Question("Explain tides", stream: true, more));
            Assert.Equal("[DONE]", events[^1]);
            Assert.All(events.SkipLast(1), chunk => spec.AssertValid(Chunk, chunk));
        }
    }

    [SpecFact]
    public async Task A_refusal_and_an_empty_answer_are_the_documents_too()
    {
        var spec = VendorSpec.Load("openai");
        foreach (var behaviour in new[] { """{"refusal":"I cannot help with that."}""", """{"empty":true}""", """{"finishReason":"content_filter"}""" })
        {
            await Steer("openai", behaviour);
            Assert.All((await Events(Question("Hi", stream: true))).SkipLast(1), chunk => spec.AssertValid(Chunk, chunk));
            using var whole = await Complete(Question("Hi"));
            spec.AssertValid("CreateChatCompletionResponse", await whole.Content.ReadAsStringAsync());
        }
    }

    [SpecFact]
    public async Task A_whole_answer_and_the_models_are_the_documents()
    {
        var spec = VendorSpec.Load("openai");
        using var whole = await Complete(Question("Explain tides"));
        spec.AssertValid("CreateChatCompletionResponse", await whole.Content.ReadAsStringAsync());
        using var models = new HttpRequestMessage(HttpMethod.Get, "/sandbox/openai/v1/models") { Headers = { { "Authorization", "Bearer k" } } };
        spec.AssertValid("ListModelsResponse", await (await Http.SendAsync(models)).Content.ReadAsStringAsync());
        using var model = new HttpRequestMessage(HttpMethod.Get, "/sandbox/openai/v1/models/gpt-6-sol") { Headers = { { "Authorization", "Bearer k" } } };
        spec.AssertValid("Model", await (await Http.SendAsync(model)).Content.ReadAsStringAsync());
    }

    [SpecFact]
    public async Task Errors_are_the_documents()
    {
        var spec = VendorSpec.Load("openai");
        foreach (var json in new[] { "", "[]", "{}", """{"model":"gpt-6-luna"}""", """{"model":"none","messages":[]}""", """{"model":"tts-1","messages":[]}""", """{"model":"gpt-6-luna","messages":[],"colour":1}""" })
        {
            using var refused = await Complete(json);
            Assert.InRange((int)refused.StatusCode, 400, 404);
            spec.AssertValid("ErrorResponse", await refused.Content.ReadAsStringAsync());
        }
        foreach (var status in new[] { 400, 401, 403, 404, 413, 429, 500, 502, 503, 529 })
        {
            OpenAI.WillFail(status);
            using var failed = await Complete(Question("Hi"));
            Assert.Equal(status, (int)failed.StatusCode);
            spec.AssertValid("ErrorResponse", await failed.Content.ReadAsStringAsync());
        }
    }

    [SpecFact]
    public async Task Every_field_that_the_document_knows_is_taken_and_no_other()
    {
        var spec = VendorSpec.Load("openai");
        foreach (var field in spec.Component("CreateChatCompletionRequest").GetProperty("properties").EnumerateObject().Select(field => field.Name))
        {
            using var answer = await Complete($$"""{"model":"gpt-6-luna","messages":[{"role":"user","content":"Hi"}]{{(field is "model" or "messages" ? "" : $",\"{field}\":null")}}}""");
            Assert.True(answer.IsSuccessStatusCode, $"{field}: {await answer.Content.ReadAsStringAsync()}");
        }
        using var refused = await Complete(Question("Hi", more: ""","max_output_tokens":5"""));
        using var error = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
        Assert.Equal("unknown_parameter", error.RootElement.GetProperty("error").GetProperty("code").GetString());
    }
}
