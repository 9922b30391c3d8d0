using System.Collections.Concurrent;
using System.IO.Enumeration;
using System.Text.Json;
using System.Text.Json.Serialization;
using ChatMvc.Shared;

namespace ChatMvc.Completions.Models;

public enum ModelKind { Chat, Other }

/// <summary>US dollars per million tokens, in force from a day on until a later entry.</summary>
/// <param name="From">The first day, UTC.</param>
/// <param name="Input">Prompt tokens that were not cached.</param>
/// <param name="CachedInput">Prompt tokens read from the provider's cache.</param>
/// <param name="CacheWrite">Prompt tokens written to it.</param>
/// <param name="Output">Answer tokens, reasoning included.</param>
/// <param name="LongPromptAbove">Prompt tokens beyond which the whole request costs twice the input and 1.5 times the output.</param>
public sealed record ModelPrice(DateOnly From, decimal Input, decimal CachedInput, decimal CacheWrite, decimal Output, int? LongPromptAbove)
{
    /// <summary>The pattern of the operators' own entry that says so; null for the file's.</summary>
    [JsonIgnore]
    public string? SetFor { get; init; }
}

/// <summary>What is known of the models whose id matches a pattern; <c>*</c> stands for any characters.</summary>
public sealed record ModelEntry
{
    public const int UnknownWindow = 8_192;

    public string Id { get; init; } = "*";
    public ModelKind Kind { get; init; }
    /// <summary>Tokens of prompt and answer together.</summary>
    public int Window { get; init; } = UnknownWindow;
    /// <summary>Tokens of the longest answer.</summary>
    public int MaxOutput { get; init; } = UnknownWindow / 2;
    public bool Images { get; init; }
    public bool Temperature { get; init; } = true;
    public IReadOnlyList<ModelPrice> Prices { get; init; } = [];
    /// <summary>Whether operators wrote it, and not the file.</summary>
    [JsonIgnore]
    public bool IsOwn { get; init; }

    public bool Matches(string modelId) => FileSystemName.MatchesSimpleExpression(Id, modelId);

    /// <summary>
    /// An operators' entry over what was known before it. It describes the model in full; its prices count from the first
    /// day of theirs on, so that no price of an earlier day changes. Long prompts cost what they did.
    /// </summary>
    internal ModelEntry Over(ModelEntry below) => this with
    {
        // A pattern may hit what cannot chat; whoever names a model means it.
        Kind = Id.Contains('*') ? below.Kind : ModelKind.Chat,
        Prices = Prices.Count == 0 ? below.Prices : [.. below.Prices.Where(p => p.From < Prices.Min(own => own.From)), .. Prices.Select(p => p with { LongPromptAbove = below.PriceOn(p.From)?.LongPromptAbove })],
    };

    /// <summary>The price in force on a day; null where none is known.</summary>
    public ModelPrice? PriceOn(DateOnly day) => Prices.Where(price => price.From <= day).MaxBy(price => price.From);

    /// <summary>A model that no pattern matches: it may chat in a small window, at an unknown price.</summary>
    public static readonly ModelEntry Unknown = new();
}

/// <summary>
/// What the upstream's list does not tell: kind, window and prices by id pattern, first match first. Read once at start
/// from the shipped <c>models.json</c> or the file that <c>Models:Catalog</c> names; operators' own entries lie over it.
/// </summary>
public sealed class ModelCatalog
{
    private const long MaxFileBytes = 1_000_000;
    /// <summary>More than any upstream lists.</summary>
    private const int MaxRemembered = 1_000;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    private readonly IReadOnlyList<ModelEntry> entries;
    private volatile Layers layers = new([]);

    private ModelCatalog(string source, IReadOnlyList<ModelEntry> entries) => (Source, this.entries) = (source, entries);

    /// <summary>The file's name, without its folder.</summary>
    public string Source { get; }

    /// <exception cref="SettingsException">The file is missing, too large or malformed.</exception>
    public static ModelCatalog Load(ModelSettings settings)
    {
        var file = Path.Combine(AppContext.BaseDirectory, settings.Catalog ?? "models.json");
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > MaxFileBytes }) throw new SettingsException($"Models:Catalog {file} is larger than 1 MB.");
            return new ModelCatalog(Path.GetFileName(file), JsonSerializer.Deserialize<List<ModelEntry>>(File.ReadAllBytes(file), Json) ?? []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"Models:Catalog {file} cannot be read.");
        }
        catch (JsonException e)
        {
            throw new SettingsException($"Models:Catalog {file} is malformed at line {e.LineNumber + 1}: {e.Path}.");
        }
    }

    public ModelEntry Find(string modelId)
    {
        var known = layers;
        if (known.Found.TryGetValue(modelId, out var found)) return found;
        found = known.Own.Where(own => own.Matches(modelId)).Aggregate(OfFile(modelId), (below, own) => own.Over(below));
        if (known.Found.Count < MaxRemembered) known.Found[modelId] = found;
        return found;
    }

    /// <summary>Puts operators' entries over the file, in place of those before.</summary>
    /// <param name="own">In any order: the longest pattern that matches lies on top.</param>
    public void LayOver(IEnumerable<ModelEntry> own) =>
        layers = new([.. own.OrderBy(e => e.Id.Replace("*", "", StringComparison.Ordinal).Length).ThenByDescending(e => e.Id.Contains('*')).ThenBy(e => e.Id, StringComparer.Ordinal)]);

    /// <summary>Where a model stands in the file, which is in the order people should see; unknown ones come last.</summary>
    public int Rank(string modelId)
    {
        for (var i = 0; i < entries.Count; i++)
            if (entries[i].Matches(modelId)) return i;
        return int.MaxValue;
    }

    private ModelEntry OfFile(string modelId) => entries.FirstOrDefault(entry => entry.Matches(modelId)) ?? ModelEntry.Unknown;

    /// <param name="Own">The shortest pattern first.</param>
    private sealed record Layers(IReadOnlyList<ModelEntry> Own)
    {
        public ConcurrentDictionary<string, ModelEntry> Found { get; } = new(StringComparer.Ordinal);
    }
}
