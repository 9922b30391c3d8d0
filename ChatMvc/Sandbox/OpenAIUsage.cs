using System.Text.Json;
using ChatMvc.Sandbox.Answers;

namespace ChatMvc.Sandbox;

/// <summary>Tokens of one answer. Cached and written tokens are part of the prompt's.</summary>
internal sealed record OpenAIUsage(int PromptTokens, int CachedTokens, int CacheWriteTokens)
{
    private int? answerTokens;
    private int reasoningTokens;

    // The vendor caches prompts from this size on, in steps of 128 tokens.
    private const int CachedFrom = 1024;
    private const int CacheStep = 128;
    private const int TokensPerMessage = 4;

    public static OpenAIUsage Of(OpenAIRequest request, SteeredUsage? steered) => steered is null ? Of(request)
        : new(steered.PromptTokens, steered.CachedTokens, steered.CacheWriteTokens) { answerTokens = steered.CompletionTokens, reasoningTokens = steered.ReasoningTokens };

    private static OpenAIUsage Of(OpenAIRequest request)
    {
        var turns = request.Conversation.Turns;
        var prompt = turns.Sum(TokensOf);
        // All but the newest question was there the last time, when somebody has been answered before.
        var seen = turns.Any(turn => turn.Role == "assistant") ? turns.Take(turns.Count - 1).Sum(TokensOf) : 0;
        var cached = seen >= CachedFrom ? seen / CacheStep * CacheStep : 0;
        var written = prompt >= CachedFrom && OpenAIModels.PricesCacheWrites(request.Model) ? prompt / CacheStep * CacheStep - cached : 0;
        return new(prompt, cached, written);
    }

    public void Write(Utf8JsonWriter json, int completionTokens)
    {
        completionTokens = answerTokens ?? completionTokens;
        json.WriteStartObject();
        json.WriteNumber("prompt_tokens", PromptTokens);
        json.WriteNumber("completion_tokens", completionTokens);
        json.WriteNumber("total_tokens", PromptTokens + completionTokens);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", CachedTokens);
        json.WriteNumber("cache_write_tokens", CacheWriteTokens);
        json.WriteNumber("audio_tokens", 0);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", reasoningTokens);
        json.WriteNumber("audio_tokens", 0);
        json.WriteNumber("accepted_prediction_tokens", 0);
        json.WriteNumber("rejected_prediction_tokens", 0);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static int TokensOf(Turn turn) => Tokens.Count(turn.Text) + turn.MoreTokens + TokensPerMessage;
}
