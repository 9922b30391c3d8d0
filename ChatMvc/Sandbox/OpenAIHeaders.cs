using System.Diagnostics;
using System.Security.Cryptography;

namespace ChatMvc.Sandbox;

/// <summary>Ids as OpenAI makes them: a prefix and random letters.</summary>
internal static class OpenAIIds
{
    private const int Length = 29;

    public static string New(string prefix) =>
        prefix + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", Length);
}

/// <summary>The headers that OpenAI's answers carry.</summary>
internal static class OpenAIHeaders
{
    public const string RequestId = "x-request-id";
    private const int RequestsPerMinute = 10_000;
    private const int TokensPerMinute = 2_000_000;

    public static void WriteIdentity(HttpResponse response)
    {
        response.Headers[RequestId] = $"req_{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
        response.Headers["openai-version"] = "2020-10-01";
        response.Headers["openai-organization"] = "sandbox";
        response.Headers["openai-processing-ms"] = "1";
    }

    /// <summary>Limits as if this were the only request of its minute.</summary>
    public static void WriteLimits(HttpResponse response, OpenAIUsage usage, long began)
    {
        var headers = response.Headers;
        headers["openai-processing-ms"] = $"{Math.Max(1, (int)Stopwatch.GetElapsedTime(began).TotalMilliseconds)}";
        headers["x-ratelimit-limit-requests"] = $"{RequestsPerMinute}";
        headers["x-ratelimit-remaining-requests"] = $"{RequestsPerMinute - 1}";
        headers["x-ratelimit-reset-requests"] = "6ms";
        headers["x-ratelimit-limit-tokens"] = $"{TokensPerMinute}";
        headers["x-ratelimit-remaining-tokens"] = $"{TokensPerMinute - usage.PromptTokens}";
        headers["x-ratelimit-reset-tokens"] = $"{usage.PromptTokens * 60_000L / TokensPerMinute}ms";
    }
}
