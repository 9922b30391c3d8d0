using System.ComponentModel.DataAnnotations;
using ChatMvc.Shared;

namespace ChatMvc.Completions;

[Section("OpenAI")]
public sealed class OpenAISettings
{
    public const string OfficialBaseUrl = "https://api.openai.com/v1";

    /// <summary>Also read from <c>OPENAI_API_KEY</c>.</summary>
    public string? ApiKey { get; set; }
    public Uri? BaseUrl { get; set; }
    public string? DefaultModel { get; set; }
    /// <summary>Ids in display order; empty for all chat models that the upstream lists.</summary>
    public string[] Models { get; set; } = [];
    /// <summary>Ids that the free allowance may use; empty for all allowed.</summary>
    public string[] BasicModels { get; set; } = [];
    public string? TitleModel { get; set; }
    [Range(256, 2_000_000)]
    public int MaxPromptTokens { get; set; } = 32_000;
    [Range(16, 1_000_000)]
    public int MaxAnswerTokens { get; set; } = 4_096;
    [SpanRange("00:00:00.100", "01:00:00")]
    public TimeSpan FirstByteTimeout { get; set; } = TimeSpan.FromMinutes(3);
    [SpanRange("00:00:00.100", "01:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(1);
    [SpanRange("00:00:00.100", "06:00:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromMinutes(10);
    [Range(1, 10_000)]
    public int MaxConcurrency { get; set; } = 500;

    /// <summary>A key, or another server than OpenAI's, which may need none (Ollama, llama.cpp).</summary>
    public bool HasUpstream => ApiKey is not null || BaseUrl is not null;
}

[Section("Models")]
public sealed class ModelSettings
{
    /// <summary>A file in the form of the shipped <c>models.json</c>, absolute or beside the program.</summary>
    public string? Catalog { get; set; }
}

public static class OpenAISettingsReader
{
    /// <summary>The section, with the key also taken from the variable that other tools read.</summary>
    /// <exception cref="SettingsException">A value is malformed.</exception>
    public static OpenAISettings ReadOpenAI(this IConfiguration configuration)
    {
        var settings = Settings.Read<OpenAISettings>(configuration);
        if (settings.ApiKey is null && configuration["OPENAI_API_KEY"] is { Length: > 0 } key) settings.ApiKey = key;
        return settings;
    }
}
