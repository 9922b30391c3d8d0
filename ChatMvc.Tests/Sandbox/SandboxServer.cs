using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ChatMvc.Sandbox;
using ChatMvc.Sandbox.Stripe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChatMvc.Tests.Sandbox;

/// <summary>A web server with nothing but the sandbox in it, on a port of its own; answers come at once unless a test says otherwise.</summary>
public class SandboxServer : IAsyncLifetime
{
    private WebApplication app = null!;

    public HttpClient Http { get; private set; } = null!;
    public Uri Url => Http.BaseAddress!;
    public SandboxOpenAI OpenAI => app.Services.GetRequiredService<SandboxOpenAI>();
    public SandboxTwilio Twilio => app.Services.GetRequiredService<SandboxTwilio>();

    public SandboxStripe Stripe => app.Services.GetRequiredService<SandboxStripe>();

    public virtual async Task InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        Prepare(builder.Services);
        builder.AddSandbox();
        app = builder.Build();
        app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor });
        app.MapSandbox();
        await app.StartAsync();
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromSeconds(60) };
        OpenAI.WillHurry();
    }

    /// <summary>What a test puts beside the sandbox, such as a clock.</summary>
    protected virtual void Prepare(IServiceCollection services)
    {
    }

    public Task StopAsync() => app.StopAsync();

    public virtual async Task DisposeAsync()
    {
        Http.Dispose();
        await app.DisposeAsync();
    }

    /// <summary>A question to the model; <paramref name="more"/> is further JSON, beginning with a comma.</summary>
    public static string Question(string text, bool stream = false, string more = "") =>
        $$"""{"model":"gpt-6-luna","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":{{JsonSerializer.Serialize(text)}}}]{{more}}}""";

    public async Task<HttpResponseMessage> Complete(string json, bool whole = true)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/sandbox/openai/v1/chat/completions")
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", SandboxOpenAI.ApiKey) },
        };
        // What is too large is refused by its length: the answer is there before the body is sent.
        request.Headers.ExpectContinue = json.Length > 1024 * 1024;
        return await Http.SendAsync(request, whole ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The events of a streamed answer, as the text behind <c>data: </c>, to its end.</summary>
    public async Task<List<string>> Events(string json)
    {
        using var response = await Complete(json);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var frames = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.All(frames, frame => Assert.StartsWith("data: ", frame));
        return [.. frames.Select(frame => frame["data: ".Length..])];
    }

    /// <summary>The text of an answer to one question, or to a whole conversation as JSON messages.</summary>
    public async Task<string> Answer(string question) => await AnswerTo(Question(question));

    public async Task<string> AnswerTo(string json)
    {
        using var response = await Complete(json);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return answer.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
    }

    public static string Text(IEnumerable<string> events) => string.Concat(events.Where(e => e != "[DONE]").Select(e =>
    {
        using var chunk = JsonDocument.Parse(e);
        return chunk.RootElement.TryGetProperty("choices", out var choices) && choices.GetArrayLength() > 0
            && choices[0].GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : "";
    }));

    public async Task Steer(string vendor, string json)
    {
        using var response = await Http.PutAsync($"/sandbox/{vendor}/behaviour", new StringContent(json));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<JsonElement> Get(string path) => await Http.GetFromJsonAsync<JsonElement>(path);

    public async Task<HttpResponseMessage> Sms(params (string Name, string Value)[] fields)
    {
        var request = TwilioRequest(HttpMethod.Post, "/Messages.json");
        request.Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await Http.SendAsync(request);
    }

    public static HttpRequestMessage TwilioRequest(HttpMethod method, string path) =>
        new(method, $"/sandbox/twilio/2010-04-01/Accounts/{SandboxTwilio.AccountSid}{path}")
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{SandboxTwilio.AccountSid}:{SandboxTwilio.AuthToken}"))) },
        };
}
