using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ChatMvc.Sandbox;

/// <summary>
/// Server-sent events of one streamed answer, as OpenAI sends them. What is the same in every chunk is encoded once,
/// so that a token costs a copy and its own escaping: 500 answers share two cores with the app that they test.
/// </summary>
internal sealed class OpenAIChunks(string id, long created, string model, bool includeUsage, bool obfuscate)
{
    public static readonly string[] FinishReasons = ["stop", "length", "tool_calls", "content_filter", "function_call"];

    // Noise by which the vendor hides a token's length from who only sees encrypted sizes.
    private static readonly byte[] Noise = "h4Kq9ZtW2xRb7LmD"u8.ToArray();
    private static readonly byte[] EventEnd = "}\n\n"u8.ToArray();

    private readonly byte[] head = Encoding.UTF8.GetBytes(
        $$"""data: {"id":"{{id}}","object":"chat.completion.chunk","created":{{created}},"model":"{{Escape(model)}}","service_tier":"default","system_fingerprint":"fp_sandbox","choices":[""");
    private readonly byte[] noUsage = includeUsage ? "],\"usage\":null"u8.ToArray() : "]"u8.ToArray();

    public void Role(IBufferWriter<byte> to, bool refusal)
    {
        to.Write(head);
        to.Write(refusal
            ? """{"index":0,"delta":{"role":"assistant","content":null,"refusal":""},"logprobs":null,"finish_reason":null}"""u8
            : """{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}"""u8);
        to.Write(noUsage);
        End(to, 0);
    }

    /// <summary>One token of content or of a refusal.</summary>
    public void Token(IBufferWriter<byte> to, ReadOnlySpan<char> token, bool refusal)
    {
        to.Write(head);
        to.Write(refusal ? "{\"index\":0,\"delta\":{\"refusal\":\""u8 : "{\"index\":0,\"delta\":{\"content\":\""u8);
        to.Write(JsonEncodedText.Encode(token, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        to.Write("\"},\"logprobs\":null,\"finish_reason\":null}"u8);
        to.Write(noUsage);
        End(to, token.Length);
    }

    public void Finish(IBufferWriter<byte> to, string reason)
    {
        to.Write(head);
        to.Write(Encoding.UTF8.GetBytes($$"""{"index":0,"delta":{},"logprobs":null,"finish_reason":"{{reason}}"}"""));
        to.Write(noUsage);
        End(to, 0);
    }

    public void Usage(IBufferWriter<byte> to, OpenAIUsage usage, int completionTokens)
    {
        to.Write(head);
        to.Write("],\"usage\":"u8);
        using (var json = new Utf8JsonWriter(to))
            usage.Write(json, completionTokens);
        End(to, 0);
    }

    public static void Done(IBufferWriter<byte> to) => to.Write("data: [DONE]\n\n"u8);

    public static void Error(IBufferWriter<byte> to, OpenAIError error)
    {
        to.Write("data: "u8);
        using (var json = new Utf8JsonWriter(to, SandboxJson.Writing))
            error.Write(json);
        to.Write("\n\n"u8);
    }

    /// <summary>An event that breaks off inside a string.</summary>
    public void Malformed(IBufferWriter<byte> to)
    {
        to.Write(head);
        to.Write("{\"index\":0,\"delta\":{\"content\":\" bro\n\n"u8);
    }

    private void End(IBufferWriter<byte> to, int tokenLength)
    {
        if (obfuscate)
        {
            to.Write(",\"obfuscation\":\""u8);
            to.Write(Noise.AsSpan(Math.Min(tokenLength, Noise.Length - 1)));
            to.Write("\""u8);
        }
        to.Write(EventEnd);
    }

    private static string Escape(string text) => JsonEncodedText.Encode(text).ToString();
}
