using System.Text;
using System.Text.Json.Serialization;

namespace ChatMvc.Sandbox;

/// <summary>Which requests a behaviour touches.</summary>
public enum SteeredKind { Answer, Title, Summary, All }

/// <summary>
/// How the sandbox's OpenAI answers chat requests; the empty one is a canned answer at human pace.
/// A fault "after N tokens" comes when N tokens were sent; an answer shorter than N never meets it.
/// </summary>
public sealed record OpenAIBehaviour : ISteered<OpenAIBehaviour>
{
    private const int MaxDelayMs = 10 * 60 * 1000;
    private const int MaxTextCharacters = 16 * 1024 * 1024;

    /// <summary>Milliseconds before the first token (or before the error); about 300 when null.</summary>
    public int? FirstTokenDelayMs { get; init; }

    /// <summary>Milliseconds between tokens, exact; about 25 and a little uneven when null.</summary>
    public int? TokenDelayMs { get; init; }

    /// <summary>The exact answer in place of a canned one.</summary>
    public string? Text { get; init; }

    /// <summary>The same as base64 of UTF-8, for text that a shell or a log would spoil.</summary>
    public string? TextBase64 { get; init; }

    /// <summary>How many times the text is sent over, for answers larger than a steering request may be.</summary>
    public int? Repeat { get; init; }

    /// <summary>An HTTP error before any byte of an answer.</summary>
    public int? Status { get; init; }
    public string? ErrorType { get; init; }
    public string? ErrorCode { get; init; }
    public string? ErrorMessage { get; init; }
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The connection is torn down.</summary>
    public int? CutAfterTokens { get; init; }

    /// <summary>An event whose JSON is broken, then the end of the stream.</summary>
    public int? MalformedAfterTokens { get; init; }

    /// <summary>An error as an event after 200, then the end of the stream, without <c>[DONE]</c>.</summary>
    public int? ErrorEventAfterTokens { get; init; }

    /// <summary>Silence with the connection open; 0: after the headers, before the first event.</summary>
    public int? HangAfterTokens { get; init; }

    /// <summary>All tokens are sent, then silence in place of the finish reason and <c>[DONE]</c>.</summary>
    public bool HangBeforeEnd { get; init; }

    /// <summary>What each token waits for, told how many were sent before it; for tests in this process.</summary>
    [JsonIgnore]
    public Func<int, Task>? BeforeToken { get; init; }

    public string? FinishReason { get; init; }

    /// <summary>A refusal with this text in place of content.</summary>
    public string? Refusal { get; init; }

    /// <summary>No content at all, finished with stop.</summary>
    public bool Empty { get; init; }

    /// <summary>No usage is reported, even where it was asked for.</summary>
    public bool WithoutUsage { get; init; }

    /// <summary>Exactly these tokens are reported, whatever was said.</summary>
    public SteeredUsage? Usage { get; init; }

    public int? Times { get; init; }

    public SteeredKind Kind { get; init; }

    /// <summary>The text to answer with, or null for a canned one. Lone surrogates are replaced: the wire is UTF-8.</summary>
    [JsonIgnore]
    public string? ExactText => (Text, TextBase64) switch
    {
        ({ } text, _) => Repeated(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))),
        (_, { } base64) => Repeated(Encoding.UTF8.GetString(Convert.FromBase64String(base64))),
        _ => null,
    };

    public bool AppliesTo(CallKind kind) => Kind switch
    {
        SteeredKind.All => true,
        SteeredKind.Title => kind == CallKind.Title,
        SteeredKind.Summary => kind == CallKind.Summary,
        _ => kind == CallKind.Answer,
    };

    public OpenAIBehaviour Over(OpenAIBehaviour standing) => this with
    {
        FirstTokenDelayMs = FirstTokenDelayMs ?? standing.FirstTokenDelayMs,
        TokenDelayMs = TokenDelayMs ?? standing.TokenDelayMs,
    };

    public string? Complaint() => this switch
    {
        { FirstTokenDelayMs: < 0 or > MaxDelayMs } or { TokenDelayMs: < 0 or > MaxDelayMs } => $"a delay is 0 to {MaxDelayMs} milliseconds",
        { Status: < 400 or > 599 } => "status is 400 to 599",
        { RetryAfterSeconds: < 0 } => "retryAfterSeconds is 0 or more",
        { CutAfterTokens: < 0 } or { MalformedAfterTokens: < 0 } or { ErrorEventAfterTokens: < 0 } or { HangAfterTokens: < 0 } => "a number of tokens is 0 or more",
        { Times: < 1 } => "times is 1 or more",
        { Repeat: < 1 } => "repeat is 1 or more",
        { Usage: { PromptTokens: < 0 } or { CachedTokens: < 0 } or { CacheWriteTokens: < 0 } or { CompletionTokens: < 0 } or { ReasoningTokens: < 0 } } => "a number of tokens is 0 or more",
        { Text: not null, TextBase64: not null } => "text and textBase64 exclude each other",
        { TextBase64: { } base64 } when !IsBase64(base64) => "textBase64 is not base64",
        { FinishReason: { } reason } when !OpenAIChunks.FinishReasons.Contains(reason) => $"finishReason is one of {string.Join(", ", OpenAIChunks.FinishReasons)}",
        _ when (long)(Text ?? TextBase64 ?? "").Length * (Repeat ?? 1) > MaxTextCharacters => $"an answer has at most {MaxTextCharacters} characters",
        _ => null,
    };

    private string Repeated(string text) => Repeat is > 1 and var times ? new StringBuilder(text.Length * times).Insert(0, text, times).ToString() : text;

    private static bool IsBase64(string text) => Convert.TryFromBase64String(text, new byte[text.Length], out _);
}

/// <summary>Token counts as an upstream reports them. They need not add up.</summary>
public sealed record SteeredUsage(int PromptTokens, int CompletionTokens, int CachedTokens = 0, int CacheWriteTokens = 0, int ReasoningTokens = 0);
