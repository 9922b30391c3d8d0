using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using ChatMvc.Sandbox.Answers;

namespace ChatMvc.Sandbox;

/// <summary>What the sandbox understands of the body of <c>POST /chat/completions</c>.</summary>
internal sealed record OpenAIRequest(
    string Model, Conversation Conversation, bool Stream, bool IncludeUsage, bool Obfuscate, int? MaxTokens)
{
    public const int DefaultMaxTokens = 128_000;

    private static readonly FrozenSet<string> Known = FrozenSet.ToFrozenSet(
    [
        "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs", "max_completion_tokens",
        "max_tokens", "messages", "metadata", "modalities", "model", "moderation", "n", "parallel_tool_calls", "prediction",
        "presence_penalty", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning_effort",
        "response_format", "safety_identifier", "seed", "service_tier", "stop", "store", "stream", "stream_options",
        "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity", "web_search_options",
    ]);

    private static readonly FrozenSet<string> Roles =
        FrozenSet.ToFrozenSet(["developer", "system", "user", "assistant", "tool", "function"]);

    /// <summary>Reads a body, or says what the vendor would have against it.</summary>
    public static (OpenAIRequest? Request, OpenAIError? Error) Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Parse(document.RootElement) : (null, OpenAIError.NotJson);
        }
        // A lone surrogate in a string is found only when the string is read, and not as a JsonException.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, OpenAIError.NotJson);
        }
    }

    private static (OpenAIRequest?, OpenAIError?) Parse(JsonElement root)
    {
        foreach (var field in root.EnumerateObject())
        {
            if (!Known.Contains(field.Name))
                return (null, OpenAIError.Invalid(field.Name, "unknown_parameter", $"Unknown parameter: '{field.Name}'."));
        }
        if (!root.TryGetProperty("model", out var model) || model.ValueKind != JsonValueKind.String || model.GetString() is not { Length: > 0 } id)
            return (null, OpenAIError.Invalid(null, null, "you must provide a model parameter"));
        if (!OpenAIModels.Exists(id))
            return (null, OpenAIError.NoSuchModel(id));
        if (!OpenAIModels.Chats(id))
            return (null, OpenAIError.NotAChatModel);

        var (turns, error) = Turns(root);
        error ??= WrongNumber(root, id) ?? WrongStream(root);
        if (error is not null)
            return (null, error);

        var stream = Flag(root, "stream");
        var options = stream && root.TryGetProperty("stream_options", out var given) ? given : default;
        return (new OpenAIRequest(id, new Conversation(turns!), stream,
            IncludeUsage: Flag(options, "include_usage"),
            Obfuscate: !(options.ValueKind == JsonValueKind.Object && options.TryGetProperty("include_obfuscation", out var o) && o.ValueKind == JsonValueKind.False),
            MaxTokens: Whole(root, "max_completion_tokens") ?? Whole(root, "max_tokens")), null);
    }

    private static (List<Turn>? Turns, OpenAIError? Error) Turns(JsonElement root)
    {
        if (!root.TryGetProperty("messages", out var messages))
            return (null, OpenAIError.Invalid("messages", "missing_required_parameter", "Missing required parameter: 'messages'."));
        if (messages.ValueKind != JsonValueKind.Array)
            return (null, OpenAIError.Invalid("messages", "invalid_type", "Invalid type for 'messages': expected an array of objects."));
        if (messages.GetArrayLength() == 0)
            return (null, OpenAIError.Invalid("messages", "empty_array", "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead."));

        var turns = new List<Turn>(messages.GetArrayLength());
        foreach (var message in messages.EnumerateArray())
        {
            var at = $"messages[{turns.Count}]";
            if (message.ValueKind != JsonValueKind.Object || Text(message, "role") is not { } role)
                return (null, OpenAIError.Invalid($"{at}.role", "missing_required_parameter", $"Missing required parameter: '{at}.role'."));
            if (!Roles.Contains(role))
                return (null, OpenAIError.Invalid($"{at}.role", "invalid_value", $"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'."));
            if (Read(message, role) is not { } turn)
                return (null, OpenAIError.Invalid($"{at}.content", "invalid_type", $"Invalid type for '{at}.content': expected one of a string or array of objects."));
            turns.Add(turn);
        }
        return (turns, null);
    }

    private static Turn? Read(JsonElement message, string role)
    {
        if (!message.TryGetProperty("content", out var content) || content.ValueKind == JsonValueKind.Null)
            return role is "assistant" or "function" ? new Turn(role, "", 0) : null;
        if (content.ValueKind == JsonValueKind.String)
            return new Turn(role, content.GetString()!, 0);
        if (content.ValueKind != JsonValueKind.Array || content.GetArrayLength() == 0)
            return null;

        var (text, attachments, files, more) = (new StringBuilder(), 0, new List<string>(), 0);
        foreach (var part in content.EnumerateArray())
        {
            switch (part.ValueKind == JsonValueKind.Object ? Text(part, "type") : null)
            {
                case "text" when Text(part, "text") is { } words && FileNameIn(words) is { } name:
                    files.Add(name);
                    more += Tokens.Count(words);
                    break;
                case "text" when Text(part, "text") is { } words: text.Append(text.Length > 0 ? "\n" : "").Append(words); break;
                case "refusal" when role == "assistant": break;
                case "image_url" or "input_audio" or "file" when role == "user":
                    attachments++;
                    more += TokensPerAttachment;
                    break;
                default: return null;
            }
        }
        return new Turn(role, text.ToString(), attachments) { Files = files, MoreTokens = more };
    }

    // What a picture of ordinary size counts as.
    private const int TokensPerAttachment = 765;
    private const string FileMark = "File \"";
    private const string FileMarkEnd = "\":\n```";

    private static string? FileNameIn(string text) =>
        text.StartsWith(FileMark, StringComparison.Ordinal) && text.IndexOf(FileMarkEnd, StringComparison.Ordinal) is > 0 and var end ? text[FileMark.Length..end] : null;

    private static OpenAIError? WrongNumber(JsonElement root, string model)
    {
        foreach (var (name, most) in new[] { ("temperature", 2.0), ("top_p", 1.0) })
        {
            if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
                continue;
            if (value.ValueKind != JsonValueKind.Number)
                return OpenAIError.Invalid(name, "invalid_type", $"Invalid type for '{name}': expected a decimal.");
            var number = value.GetDouble();
            if (number < 0)
                return OpenAIError.Invalid(name, "decimal_below_min_value", $"Invalid '{name}': decimal below minimum value. Expected a value >= 0, but got {number} instead.");
            if (number > most)
                return OpenAIError.Invalid(name, "decimal_above_max_value", $"Invalid '{name}': decimal above maximum value. Expected a value <= {most}, but got {number} instead.");
            if (OpenAIModels.Reasons(model) && number != 1)
                return OpenAIError.Invalid(name, "unsupported_value", $"Unsupported value: '{name}' does not support {number} with this model. Only the default (1) value is supported.");
        }
        foreach (var name in new[] { "max_completion_tokens", "max_tokens" })
        {
            if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
                continue;
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number))
                return OpenAIError.Invalid(name, "invalid_type", $"Invalid type for '{name}': expected an integer.");
            if (number < 1)
                return OpenAIError.Invalid(name, "integer_below_min_value", $"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {number} instead.");
            if (number > DefaultMaxTokens)
                return OpenAIError.Invalid(name, "invalid_value", $"{name} is too large: {number}. This model supports at most {DefaultMaxTokens} completion tokens, whereas you provided {number}.");
            if (name == "max_tokens" && OpenAIModels.Reasons(model))
                return OpenAIError.Invalid(name, "unsupported_parameter", "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.");
            if (name == "max_tokens" && Whole(root, "max_completion_tokens") is not null)
                return OpenAIError.Invalid(name, "invalid_parameter_combination", "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.");
        }
        return null;
    }

    private static OpenAIError? WrongStream(JsonElement root) =>
        root.TryGetProperty("stream", out var stream) && stream.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null)
            ? OpenAIError.Invalid("stream", "invalid_type", "Invalid type for 'stream': expected a boolean.")
        : root.TryGetProperty("stream_options", out var options) && options.ValueKind != JsonValueKind.Null && !Flag(root, "stream")
            ? OpenAIError.Invalid("stream_options", null, "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
        : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static int? Whole(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;
}
