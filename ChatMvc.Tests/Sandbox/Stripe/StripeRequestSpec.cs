using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ChatMvc.Sandbox.Stripe;

namespace ChatMvc.Tests.Sandbox.Stripe;

/// <summary>Holds a call that the sandbox took against the vendor's document: parameters and their types, nested as the brackets say.</summary>
public static class StripeRequestSpec
{
    /// <returns>False where the document, which is trimmed, does not have the operation.</returns>
    public static bool Check(JsonSchema spec, StripeCall call)
    {
        if (Operation(spec, call) is not { } operation) return false;
        var sent = Nested(call.Parameters);
        if (operation.TryGetProperty("requestBody", out var body) && call.Method == "POST")
        {
            var schema = body.GetProperty("content").GetProperty("application/x-www-form-urlencoded").GetProperty("schema");
            spec.AssertValid(schema, Typed(spec, schema, sent)!.ToJsonString());
            return true;
        }
        foreach (var (name, value) in sent)
        {
            var parameter = operation.GetProperty("parameters").EnumerateArray().SingleOrDefault(p => p.GetProperty("in").GetString() == "query" && p.GetProperty("name").GetString() == name);
            Assert.True(parameter.ValueKind == JsonValueKind.Object, $"{call.Method} {call.Path}: {name} is not in the document");
            spec.AssertValid(parameter.GetProperty("schema"), Typed(spec, parameter.GetProperty("schema"), value!)!.ToJsonString());
        }
        return true;
    }

    private static JsonElement? Operation(JsonSchema spec, StripeCall call)
    {
        foreach (var path in spec.Document.GetProperty("paths").EnumerateObject())
        {
            var shape = "^" + Regex.Replace(path.Name, "[{][^}]*[}]", "[^/]+") + "$";
            if (Regex.IsMatch("/v1/" + call.Path, shape) && path.Value.TryGetProperty(call.Method.ToLowerInvariant(), out var operation)) return operation;
        }
        return null;
    }

    // One "name=length:value" a line.
    private static JsonObject Nested(string parameters)
    {
        var root = new JsonObject();
        for (var at = 0; at < parameters.Length;)
        {
            var (equals, colon) = (parameters.IndexOf('=', at), parameters.IndexOf(':', at));
            var length = int.Parse(parameters[(equals + 1)..colon], CultureInfo.InvariantCulture);
            var steps = parameters[at..equals].Replace("]", "", StringComparison.Ordinal).Split('[');
            var parent = steps[..^1].Aggregate(root, (node, step) => (JsonObject)(node[step] ??= new JsonObject()));
            parent[steps[^1]] = parameters.Substring(colon + 1, length);
            at = colon + length + 2;
        }
        return root;
    }

    /// <summary>Gives the texts of a form the types that the document expects.</summary>
    private static JsonNode? Typed(JsonSchema spec, JsonElement schema, JsonNode sent)
    {
        var branches = Branches(spec, schema).ToList();
        if (sent is JsonObject parts)
        {
            var list = branches.Find(branch => Is(branch, "array"));
            if (list.ValueKind == JsonValueKind.Object && parts.All(part => int.TryParse(part.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
                return new JsonArray([.. parts.Select(part => Typed(spec, list.GetProperty("items"), part.Value!))]);
            var whole = branches.Find(branch => Is(branch, "object"));
            return new JsonObject(parts.Select(part => KeyValuePair.Create(part.Key, Member(whole, part.Key) is { } member ? Typed(spec, member, part.Value!) : part.Value!.DeepClone())));
        }
        var text = sent.GetValue<string>();
        if (branches.Exists(branch => Is(branch, "integer")) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        return text is "true" or "false" && branches.Exists(branch => Is(branch, "boolean")) ? text == "true" : text;
    }

    private static JsonElement? Member(JsonElement schema, string name) =>
        schema.ValueKind != JsonValueKind.Object ? null
        : schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(name, out var member) ? member
        : schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.Object ? others
        : null;

    private static IEnumerable<JsonElement> Branches(JsonSchema spec, JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference)) schema = spec.Component(reference.GetString()!.Split('/')[^1]);
        yield return schema;
        foreach (var word in new[] { "anyOf", "oneOf" })
        {
            if (!schema.TryGetProperty(word, out var branches)) continue;
            foreach (var branch in branches.EnumerateArray().SelectMany(branch => Branches(spec, branch))) yield return branch;
        }
    }

    private static bool Is(JsonElement schema, string type) => schema.TryGetProperty("type", out var given)
        && (given.ValueKind == JsonValueKind.Array ? given.EnumerateArray().Any(one => one.GetString() == type) : given.GetString() == type);
}
