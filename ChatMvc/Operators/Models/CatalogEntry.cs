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
    public IReadOnlyList<CatalogPrice> Prices { get; private set; } = [];

    public void Describe(int window, int maxOutput, bool images, bool temperature) =>
        (Window, MaxOutput, Images, Temperature) = (window, maxOutput, images, temperature);
}

/// <summary>Micro-dollars per million tokens, from a day on until a later row. A price that was charged is never changed: a new row is added.</summary>
public sealed class CatalogPrice
{
    private CatalogPrice() { }

    public CatalogPrice(string pattern, DateOnly from, long input, long cachedInput, long cacheWrite, long output) =>
        (Pattern, From, Input, CachedInput, CacheWrite, Output) = (pattern, from, input, cachedInput, cacheWrite, output);

    public long Id { get; private set; }
    public string Pattern { get; private set; } = "";
    /// <summary>The first day, UTC.</summary>
    public DateOnly From { get; private set; }
    public long Input { get; private set; }
    public long CachedInput { get; private set; }
    public long CacheWrite { get; private set; }
    public long Output { get; private set; }
}
