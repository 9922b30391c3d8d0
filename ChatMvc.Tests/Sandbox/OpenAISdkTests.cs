using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using ChatMvc.Sandbox;
using OpenAI;
using OpenAI.Chat;

namespace ChatMvc.Tests.Sandbox;

/// <summary>The vendor's own client talks to the sandbox as to the vendor.</summary>
public class OpenAISdkTests : SandboxServer
{
    private ChatClient Client(string model = "gpt-6-luna") => new(model, new ApiKeyCredential(SandboxOpenAI.ApiKey), new OpenAIClientOptions
    {
        Endpoint = new Uri(Url, SandboxOpenAI.BasePath),
        RetryPolicy = new ClientRetryPolicy(0),
    });

    [Fact]
    public async Task A_stream_comes_token_by_token_and_ends_with_its_usage()
    {
        var (text, updates, finish, usage) = (new StringBuilder(), 0, (ChatFinishReason?)null, (ChatTokenUsage?)null);
        await foreach (var update in Client().CompleteChatStreamingAsync([new UserChatMessage("Explain how tides work")]))
        {
            updates += update.ContentUpdate.Count;
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            finish = update.FinishReason ?? finish;
            usage = update.Usage ?? usage;
        }
        Assert.Equal(ChatFinishReason.Stop, finish);
        Assert.Contains("tides", text.ToString());
        Assert.Contains("gpt-6-luna", text.ToString());
        Assert.True(updates > 100, $"{updates} updates");
        Assert.NotNull(usage);
        Assert.InRange(usage.OutputTokenCount, updates - 1, updates);
        Assert.Equal(usage.InputTokenCount + usage.OutputTokenCount, usage.TotalTokenCount);
        Assert.Equal(0, usage.InputTokenDetails.CachedTokenCount);
        Assert.Equal(0, usage.OutputTokenDetails.ReasoningTokenCount);
    }

    [Fact]
    public async Task Streamed_or_whole_the_same_question_has_the_same_answer()
    {
        var whole = (await Client().CompleteChatAsync([new UserChatMessage("Compare tea and coffee")])).Value;
        var streamed = Text(await Events(Question("Compare tea and coffee", stream: true)));
        Assert.Equal(whole.Content[0].Text, streamed);
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);
    }

    [Fact]
    public async Task The_largest_answer_asked_for_is_kept_to()
    {
        var whole = (await Client().CompleteChatAsync([new UserChatMessage("Explain tides")], new ChatCompletionOptions { MaxOutputTokenCount = 7 })).Value;
        Assert.Equal((ChatFinishReason.Length, 7), (whole.FinishReason, whole.Usage.OutputTokenCount));
    }

    [Fact]
    public async Task An_error_carries_its_status_and_code()
    {
        OpenAI.WillFail(429, errorType: "insufficient_quota", errorCode: "insufficient_quota");
        var error = await Assert.ThrowsAsync<ClientResultException>(async () => await Client().CompleteChatAsync([new UserChatMessage("Hi")]));
        Assert.Equal(429, error.Status);
        Assert.Contains("insufficient_quota", error.GetRawResponse()!.Content.ToString());
        Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(async () => await Client("gpt-0").CompleteChatAsync([new UserChatMessage("Hi")]))).Status);
    }

    [Fact]
    public async Task A_stream_that_is_cut_or_broken_fails_after_the_tokens_before_it()
    {
        foreach (var fault in new OpenAIBehaviour[] { new() { CutAfterTokens = 12, Times = 1 }, new() { MalformedAfterTokens = 12, Times = 1 } })
        {
            OpenAI.Behaviour = fault;
            var tokens = 0;
            var error = await Record.ExceptionAsync(async () =>
            {
                await foreach (var update in Client().CompleteChatStreamingAsync([new UserChatMessage("Explain tides")]))
                    tokens += update.ContentUpdate.Count(part => part.Text.Length > 0);
            });
            Assert.True(error is HttpIOException or IOException or JsonException, $"{error}");
            Assert.Equal(12, tokens);
        }
    }

    [SpecFact]
    public async Task What_the_client_sends_is_kept_whole_and_is_the_documents()
    {
        await foreach (var _ in Client().CompleteChatStreamingAsync([new SystemChatMessage("Be kind."), new UserChatMessage("Hi")], new ChatCompletionOptions { Temperature = 0.5f }))
        {
        }
        var kept = Assert.Single((await Get("/sandbox/openai/requests")).EnumerateArray().ToList());
        Assert.Equal("done", kept.GetProperty("state").GetString());
        VendorSpec.Load("openai").AssertValid("CreateChatCompletionRequest", kept.GetProperty("body").GetRawText());
    }

    [Fact]
    public async Task The_models_are_listed_with_those_that_do_not_chat()
    {
        var models = (await new OpenAIClient(new ApiKeyCredential("k"), new OpenAIClientOptions { Endpoint = new Uri(Url, SandboxOpenAI.BasePath) })
            .GetOpenAIModelClient().GetModelsAsync()).Value.Select(model => model.Id).ToList();
        Assert.Superset(new HashSet<string> { "gpt-6-luna", "gpt-6-sol", "gpt-6-astra", "gpt-5-mini", "gpt-4o-mini", "whisper-1", "tts-1" }, models.ToHashSet());
    }
}
