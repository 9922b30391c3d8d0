using System.Text.Json;
using System.Text.RegularExpressions;

namespace ChatMvc.Tests.Sandbox;

/// <summary>
/// As much of JSON Schema 2020-12 as the vendors' documents use. An object whose schema lists properties may have no
/// others, even where the document leaves that open: the sandbox must not invent fields.
/// </summary>
public sealed class JsonSchema(JsonElement document)
{
    /// <summary>What is wrong with a value by a schema of the document, as "path: complaint"; empty when nothing is.</summary>
    public List<string> Complaints(string schema, JsonElement value) => Check(Component(schema), value, "$");

    public void AssertValid(string schema, string json)
    {
        using var value = JsonDocument.Parse(json);
        var complaints = Complaints(schema, value.RootElement);
        Assert.True(complaints.Count == 0, $"{schema}: {string.Join("; ", complaints)}\n{json}");
    }

    /// <summary>The same for a schema that stands somewhere else in the document.</summary>
    public void AssertValid(JsonElement schema, string json)
    {
        using var value = JsonDocument.Parse(json);
        Assert.Empty(Check(schema, value.RootElement, "$"));
    }

    public JsonElement Component(string schema) => document.GetProperty("components").GetProperty("schemas").GetProperty(schema);

    public JsonElement Document => document;

    private List<string> Check(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            return Check(Component(reference.GetString()!.Split('/')[^1]), value, path);

        var complaints = new List<string>();
        if (schema.TryGetProperty("type", out var type) && !HasType(type, value))
            return [$"{path}: is {value.ValueKind}, not {type}"];
        if (schema.TryGetProperty("enum", out var words) && !words.EnumerateArray().Any(word => JsonElement.DeepEquals(word, value)))
            complaints.Add($"{path}: {value} is none of {words}");
        if (value.ValueKind == JsonValueKind.String)
            complaints.AddRange(CheckText(schema, value.GetString()!, path));
        if (value.ValueKind == JsonValueKind.Number && schema.TryGetProperty("minimum", out var least) && value.GetDouble() < least.GetDouble())
            complaints.Add($"{path}: {value} is below {least}");
        if (value.ValueKind == JsonValueKind.Object)
            complaints.AddRange(CheckObject(schema, value, path));
        if (value.ValueKind == JsonValueKind.Array)
            complaints.AddRange(CheckArray(schema, value, path));
        complaints.AddRange(CheckBranches(schema, value, path));
        return complaints;
    }

    private static bool HasType(JsonElement type, JsonElement value) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Any(one => HasType(one, value))
        : type.GetString() switch
        {
            "null" => value.ValueKind == JsonValueKind.Null,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "array" => value.ValueKind == JsonValueKind.Array,
            "object" => value.ValueKind == JsonValueKind.Object,
            var other => throw new NotSupportedException($"type {other}"),
        };

    private static IEnumerable<string> CheckText(JsonElement schema, string text, string path)
    {
        if (schema.TryGetProperty("maxLength", out var most) && text.Length > most.GetInt32())
            yield return $"{path}: longer than {most}";
        if (schema.TryGetProperty("minLength", out var least) && text.Length < least.GetInt32())
            yield return $"{path}: shorter than {least}";
        if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, pattern.GetString()!))
            yield return $"{path}: {text} does not match {pattern}";
    }

    private IEnumerable<string> CheckObject(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)))
                yield return $"{path}: lacks {name}";
        }
        var hasProperties = schema.TryGetProperty("properties", out var properties);
        var hasOthers = schema.TryGetProperty("additionalProperties", out var others);
        foreach (var property in value.EnumerateObject())
        {
            var at = $"{path}.{property.Name}";
            if (hasProperties && properties.TryGetProperty(property.Name, out var known))
            {
                foreach (var complaint in Check(known, property.Value, at))
                    yield return complaint;
            }
            else if (hasOthers && others.ValueKind == JsonValueKind.Object)
            {
                foreach (var complaint in Check(others, property.Value, at))
                    yield return complaint;
            }
            else if (hasProperties && !(hasOthers && others.ValueKind == JsonValueKind.True))
            {
                yield return $"{at}: is not in the document";
            }
        }
    }

    private IEnumerable<string> CheckArray(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("minItems", out var least) && value.GetArrayLength() < least.GetInt32())
            yield return $"{path}: fewer than {least} items";
        if (!schema.TryGetProperty("items", out var items))
            yield break;
        foreach (var (item, i) in value.EnumerateArray().Select((item, i) => (item, i)))
        {
            foreach (var complaint in Check(items, item, $"{path}[{i}]"))
                yield return complaint;
        }
    }

    private IEnumerable<string> CheckBranches(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("allOf", out var all))
        {
            foreach (var complaint in all.EnumerateArray().SelectMany(branch => Check(branch, value, path)))
                yield return complaint;
        }
        // oneOf as anyOf: what matters here is that one branch takes the value.
        foreach (var word in new[] { "anyOf", "oneOf" })
        {
            if (!schema.TryGetProperty(word, out var branches))
                continue;
            var each = branches.EnumerateArray().Select(branch => Check(branch, value, path)).ToList();
            if (!each.Exists(complaints => complaints.Count == 0))
                yield return $"{path}: fits no branch of {word} ({string.Join(" | ", each.Select(complaints => complaints[0]))})";
        }
    }
}
