using ChatMvc.Billing;
using ChatMvc.Completions.Models;

namespace ChatMvc.Operators.Models;

/// <summary>What an operator says of the models whose id matches a pattern, before the file of the setting <c>Models:Catalog</c>.</summary>
public sealed class CatalogEntry
{
    private CatalogEntry() { }

    public CatalogEntry(string pattern) => Pattern = pattern;

    /// <summary>An id; <c>*</c> stands for any characters. The longest that matches counts.</summary>
    public string Pattern { get; private set; } = "";
    /// <summary>Tokens of prompt and answer together.</summary>
    public int Window { get; private set; }
    /// <summary>Tokens of the longest answer.</summary>
    public int MaxOutput { get; private set; }
    public bool Images { get; private set; }
    public bool Temperature { get; private set; }
    // A list, for the database adds to it.
    public IReadOnlyList<CatalogPrice> Prices { get; private set; } = new List<CatalogPrice>();

    public ModelTraits Traits => new(Window, MaxOutput, Images, Temperature);

    public void Describe(ModelTraits traits) =>
        (Window, MaxOutput, Images, Temperature) = (traits.Window, traits.MaxOutput, traits.Images, traits.Temperature);

    /// <summary>As the catalogue has its entries.</summary>
    public ModelEntry ToEntry() => new()
    {
        Id = Pattern,
        IsOwn = true,
        Window = Window,
        MaxOutput = MaxOutput,
        Images = Images,
        Temperature = Temperature,
        Prices = [.. Prices.Select(price => price.ToPrice())],
    };
}

/// <summary>What a model can take.</summary>
/// <param name="Window">Tokens of prompt and answer together.</param>
/// <param name="MaxOutput">Tokens of the longest answer.</param>
/// <param name="Images">Whether it sees pictures.</param>
/// <param name="Temperature">Whether it takes one.</param>
public sealed record ModelTraits(int Window, int MaxOutput, bool Images, bool Temperature)
{
    /// <summary>For the audit log.</summary>
    public override string ToString() =>
        $"window {Window:N0}, longest answer {MaxOutput:N0}, {(Images ? "sees pictures" : "sees no pictures")}, {(Temperature ? "takes a temperature" : "takes no temperature")}";
}

/// <summary>Micro-dollars per million tokens, from a day on until a later row. A price that was charged is never changed: a new row is added.</summary>
public sealed class CatalogPrice
{
    private CatalogPrice() { }

    public CatalogPrice(string pattern, DateOnly from, TokenPrice price) =>
        (Pattern, From, Input, CachedInput, CacheWrite, Output) = (pattern, from, price.Input, price.CachedInput, price.CacheWrite, price.Output);

    public long Id { get; private set; }
    public string Pattern { get; private set; } = "";
    /// <summary>The first day, UTC.</summary>
    public DateOnly From { get; private set; }
    public long Input { get; private set; }
    public long CachedInput { get; private set; }
    public long CacheWrite { get; private set; }
    public long Output { get; private set; }

    internal ModelPrice ToPrice() => new(From, new Usd(Input).Dollars, new Usd(CachedInput).Dollars, new Usd(CacheWrite).Dollars, new Usd(Output).Dollars, LongPromptAbove: null) { SetFor = Pattern };

    /// <summary>For the audit log.</summary>
    public override string ToString() =>
        $"from {From:yyyy-MM-dd}: input {new Usd(Input)}, cached {new Usd(CachedInput)}, written to the cache {new Usd(CacheWrite)}, output {new Usd(Output)} per million tokens";
}
