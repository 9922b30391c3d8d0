using System.Text.Json;

namespace ChatMvc.Sandbox;

/// <summary>The model list of the sandbox's OpenAI: ids with the Unix second they were made; like the real list, not all can chat.</summary>
internal static class OpenAIModels
{
    private static readonly string[] NotForChat = ["text-embedding", "whisper", "gpt-image", "tts-", "omni-moderation"];

    private static readonly (string Id, long Created)[] All =
    [
        ("gpt-6-luna", 1790640000), ("gpt-6-sol", 1790640000), ("gpt-6-astra", 1790640000),
        ("gpt-5-mini", 1754425928), ("gpt-4o-mini", 1721172741),
        ("text-embedding-3-small", 1705948997), ("whisper-1", 1677532384), ("gpt-image-1", 1745517030),
        ("tts-1", 1681940951), ("omni-moderation-latest", 1731689265),
    ];

    public static bool Exists(string id) => Array.Exists(All, model => model.Id == id);

    public static bool Chats(string id) => !Array.Exists(NotForChat, id.StartsWith);

    /// <summary>Those that refuse another temperature than 1, and max_tokens.</summary>
    public static bool Reasons(string id) => id.StartsWith("gpt-5", StringComparison.Ordinal);

    /// <summary>Those that charge for writing the prompt cache.</summary>
    public static bool PricesCacheWrites(string id) => id.StartsWith("gpt-6", StringComparison.Ordinal);

    public static void WriteList(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var model in All)
            Write(json, model.Id);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, string id)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("object", "model");
        json.WriteNumber("created", Array.Find(All, model => model.Id == id).Created);
        json.WriteString("owned_by", id is "whisper-1" or "tts-1" ? "openai-internal" : "system");
        json.WriteEndObject();
    }
}
