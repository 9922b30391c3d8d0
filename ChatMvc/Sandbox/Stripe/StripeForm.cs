using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>The parameters of a request, nested by brackets: <c>line_items[0][price]=…</c>. An empty value unsets.</summary>
internal sealed class StripeForm
{
    private const int MaxPairs = 1_000;
    private const int MaxDepth = 6;
    private const int MaxText = 5_000;
    private const int MaxMetadata = 50;
    private const int MaxMetadataName = 40;
    private const int MaxMetadataValue = 500;

    private readonly Dictionary<string, StripeForm> parts = new(StringComparer.Ordinal);
    private string? value;

    private StripeForm(string name) => Name = name;

    /// <summary>As the client wrote it; empty for the whole form.</summary>
    public string Name { get; }
    public bool IsThere => value is not null || HasParts;
    public bool HasParts => parts.Count > 0;

    /// <exception cref="StripeException">The brackets do not fit, or there is too much.</exception>
    public static StripeForm Parse(string query, string body)
    {
        var form = new StripeForm("");
        var pairs = 0;
        foreach (var text in new[] { query, body })
        {
            foreach (var pair in new QueryStringEnumerable(text))
            {
                if (++pairs > MaxPairs) throw StripeException.Invalid($"More than {MaxPairs} parameters were sent.");
                form.Add(pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            }
        }
        return form;
    }

    /// <summary>A part, an empty one where nothing was sent.</summary>
    public StripeForm this[string name] => parts.TryGetValue(name, out var part) ? part : new StripeForm(NameOf(name));

    public bool Has(string name) => parts.ContainsKey(name);

    /// <summary>The text, or null where it was not sent or is empty.</summary>
    public string? Text(string name, int max = MaxText)
    {
        var part = this[name];
        if (part.parts.Count > 0) throw StripeException.Invalid("Invalid string: a single value is expected.", part.Name);
        if (part.value?.Length > max) throw StripeException.Invalid($"Invalid string: it has at most {max} characters.", part.Name);
        return string.IsNullOrEmpty(part.value) ? null : part.value;
    }

    public string Required(string name) => Text(name) ?? throw StripeException.Invalid($"Missing required param: {NameOf(name)}.", NameOf(name), "parameter_missing");

    /// <summary>One of some words, or null where it was not sent.</summary>
    public string? Word(string name, params string[] words) => Text(name) switch
    {
        null => null,
        var word when words.Contains(word) => word,
        var word => throw StripeException.Invalid($"Invalid {name}: must be one of {string.Join(", ", words)}; it is {word}", NameOf(name)),
    };

    public long? Integer(string name) => Text(name) switch
    {
        null => null,
        var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        var text => throw StripeException.Invalid($"Invalid integer: {text}", NameOf(name), "parameter_invalid_integer"),
    };

    public bool? Flag(string name) => Text(name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        var text => throw StripeException.Invalid($"Invalid boolean: {text}", NameOf(name)),
    };

    public List<StripeForm> Items(string name)
    {
        var part = this[name];
        if (part.value is { Length: > 0 }) throw StripeException.Invalid("Invalid array", part.Name);
        return [.. part.parts.Select(item => int.TryParse(item.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? (index, item.Value)
            : throw StripeException.Invalid("Invalid array", part.Name)).OrderBy(item => item.index).Select(item => item.Value)];
    }

    public List<string> Texts(string name) => [.. Items(name).Select(item => item.value ?? throw StripeException.Invalid("Invalid string", item.Name))];

    /// <summary>Refuses parameters of other names.</summary>
    /// <param name="names">Separated by spaces.</param>
    public StripeForm Only(string names)
    {
        var known = names.Split(' ');
        return parts.Values.FirstOrDefault(part => !known.Contains(LastName(part.Name))) is { } stranger
            ? throw StripeException.Invalid($"Received unknown parameter: {stranger.Name}", stranger.Name, "parameter_unknown")
            : this;
    }

    /// <summary>Lays the sent metadata over what is there: a key with an empty value goes, all go when the whole is unset.</summary>
    public JsonObject Metadata(JsonNode? present = null)
    {
        var metadata = present?.DeepClone().AsObject() ?? [];
        var given = this["metadata"];
        if (given.value == "") return [];
        foreach (var (key, part) in given.parts)
        {
            if (key.Length > MaxMetadataName) throw StripeException.Invalid($"Metadata keys have at most {MaxMetadataName} characters.", given.Name);
            if (part.value is null or { Length: > MaxMetadataValue }) throw StripeException.Invalid($"Metadata values have at most {MaxMetadataValue} characters.", part.Name);
            metadata.Remove(key);
            if (part.value.Length > 0) metadata[key] = part.value;
        }
        return metadata.Count <= MaxMetadata ? metadata : throw StripeException.Invalid($"Metadata has at most {MaxMetadata} keys.", given.Name);
    }

    /// <summary>All of it in a settled order, to know the same parameters again.</summary>
    public string Settled()
    {
        var text = new StringBuilder();
        Settle(text);
        return text.ToString();
    }

    private void Settle(StringBuilder text)
    {
        if (value is not null) text.Append(Name).Append('=').Append(value.Length).Append(':').Append(value).Append('\n');
        foreach (var (_, part) in parts.OrderBy(part => part.Key, StringComparer.Ordinal)) part.Settle(text);
    }

    private void Add(string name, string text)
    {
        var at = this;
        foreach (var step in Steps(name))
            at = at.Next(step.Length > 0 ? step : at.parts.Count.ToString(CultureInfo.InvariantCulture));
        at.value = text;
    }

    private StripeForm Next(string step)
    {
        if (!parts.TryGetValue(step, out var part)) parts[step] = part = new StripeForm(NameOf(step));
        return part;
    }

    private string NameOf(string step) => Name.Length == 0 ? step : $"{Name}[{step}]";

    private static string LastName(string name) => name.EndsWith(']') ? name[(name.LastIndexOf('[') + 1)..^1] : name;

    private static List<string> Steps(string name)
    {
        var open = name.IndexOf('[', StringComparison.Ordinal);
        if (open < 0) return [name];
        if (open == 0 || !name.EndsWith(']')) throw StripeException.Invalid("The brackets of a parameter’s name do not fit.", name);
        List<string> steps = [name[..open], .. name[(open + 1)..^1].Split("][")];
        return steps.Count <= MaxDepth && !steps.Exists(step => step.AsSpan().IndexOfAny('[', ']') >= 0)
            ? steps
            : throw StripeException.Invalid("The brackets of a parameter’s name do not fit.", name);
    }
}
