using ChatMvc.Completions;
using ChatMvc.Completions.Models;

namespace ChatMvc.Tests.Operators.Models;

/// <summary>Operators' entries over the catalogue's file: whatever is added or taken back, no past day has another price.</summary>
public sealed class LayeredPriceTests
{
    private static readonly string[] Patterns = ["*", "gpt*", "gpt-6*", "gpt-6-*", "gpt-6-luna", "gpt-6-luna*", "*luna*", "o3", "house*"];
    private static readonly string[] Ids = ["gpt-6-luna", "gpt-6-sol", "gpt-4o-mini", "o3", "house-model"];
    private static readonly DateOnly Start = new(2026, 9, 1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_change_of_operators_gives_a_past_day_another_price(int seed)
    {
        var (random, catalog, own, today) = (new Random(seed), ModelCatalog.Load(new ModelSettings()), new Dictionary<string, List<ModelPrice>>(), Start);
        var changes = 0;
        for (var step = 0; step < 300; step++)
        {
            if (random.Next(3) == 0) today = today.AddDays(random.Next(1, 3));
            var before = PricesUntil(catalog, today);
            if (Change(own, Patterns[random.Next(Patterns.Length)], today, random)) changes++;
            catalog.LayOver(own.Select(e => new ModelEntry { Id = e.Key, IsOwn = true, Prices = [.. e.Value] }));
            Assert.Equal(before, PricesUntil(catalog, today));
        }
        Assert.True(changes > 100, $"{changes} changes");
    }

    [Fact]
    public void The_longest_pattern_has_the_price_from_its_first_day_on_and_the_next_one_before_it()
    {
        var catalog = ModelCatalog.Load(new ModelSettings());
        catalog.LayOver([Own("gpt-6-luna", (10, 3), (20, 4)), Own("gpt*", (5, 1), (15, 2))]);

        Assert.Equal((0.10m, 1m, 1m), (PriceOn(catalog, "gpt-6-luna", 4), PriceOn(catalog, "gpt-6-luna", 5), PriceOn(catalog, "gpt-6-luna", 9)));
        Assert.Equal((3m, 3m, 4m), (PriceOn(catalog, "gpt-6-luna", 10), PriceOn(catalog, "gpt-6-luna", 19), PriceOn(catalog, "gpt-6-luna", 20)));
        Assert.Equal((2m, 1m, 2m), (PriceOn(catalog, "gpt-6-sol", 4), PriceOn(catalog, "gpt-6-sol", 5), PriceOn(catalog, "gpt-6-sol", 15)));
        Assert.Equal(2, PriceOn(catalog, "o3", 31));
        Assert.Equal("gpt*", catalog.Find("gpt-6-luna").PriceOn(new(2026, 12, 5))!.SetFor);
        Assert.Null(catalog.Find("gpt-6-luna").PriceOn(new(2026, 12, 4))!.SetFor);
        // The file's rule for long prompts is about the model, not about one price.
        Assert.Equal(272_000, catalog.Find("gpt-6-luna").PriceOn(new(2026, 12, 31))!.LongPromptAbove);
    }

    // As the rules allow it: a price begins today or later, and goes again only while it is to come.
    private static bool Change(Dictionary<string, List<ModelPrice>> own, string pattern, DateOnly today, Random random)
    {
        if (!own.TryGetValue(pattern, out var prices)) return own.TryAdd(pattern, []);
        switch (random.Next(4))
        {
            case 0 when prices.TrueForAll(p => p.From > today):
                return own.Remove(pattern);
            case 1 when prices.Find(p => p.From > today) is { } toCome:
                return prices.Remove(toCome);
            default:
                var from = today.AddDays(random.Next(0, 6));
                if (prices.Exists(p => p.From == from)) return false;
                prices.Add(new(from, random.Next(1, 100), 1, 1, 1, null) { SetFor = pattern });
                return true;
        }
    }

    private static List<decimal?> PricesUntil(ModelCatalog catalog, DateOnly today) =>
        [.. Ids.SelectMany(id => Enumerable.Range(0, today.DayNumber - Start.DayNumber).Select(day => catalog.Find(id).PriceOn(Start.AddDays(day))?.Input))];

    private static decimal PriceOn(ModelCatalog catalog, string id, int day) => catalog.Find(id).PriceOn(new DateOnly(2026, 12, day))!.Input;

    private static ModelEntry Own(string pattern, params (int Day, decimal Input)[] prices) =>
        new() { Id = pattern, IsOwn = true, Prices = [.. prices.Select(p => new ModelPrice(new(2026, 12, p.Day), p.Input, p.Input, p.Input, p.Input, null) { SetFor = pattern })] };
}
