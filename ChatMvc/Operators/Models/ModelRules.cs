using System.Collections.Frozen;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Operators.Audit;
using ChatMvc.Operators.State;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.Models;

/// <summary>
/// How operators want models offered, and what they say of them over the catalogue's file. In memory, for it is asked with
/// every message: read at the start, and changed here alone. What is refused is said in words.
/// </summary>
public sealed class ModelRules(IDbContextFactory<ChatDb> databases, ModelCatalog catalog, ServerFacts facts, TimeProvider time) : IHostedService, IDisposable
{
    public const int MaxEntries = 200;
    public const int MaxPrices = 50;

    private readonly SemaphoreSlim reading = new(1);
    private volatile FrozenDictionary<string, OfferedModel> offers = FrozenDictionary<string, OfferedModel>.Empty;
    private volatile IReadOnlyList<CatalogEntry> entries = [];

    /// <summary>By id. Another object after each change.</summary>
    public FrozenDictionary<string, OfferedModel> Offers => offers;
    /// <summary>The operators' own, by pattern.</summary>
    public IReadOnlyList<CatalogEntry> Entries => entries;
    /// <summary>Of new chats; null as the settings say.</summary>
    public string? DefaultModel => facts.Find(ServerFacts.DefaultModel);
    /// <summary>Names chats and summarises; null as the settings say.</summary>
    public string? TitleModel => facts.Find(ServerFacts.TitleModel);
    public DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await ReadAsync(db, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public bool IsHidden(string model) => offers.GetValueOrDefault(model) is { IsHidden: true };

    /// <summary>Whether it takes Pro or credit; null as the settings say.</summary>
    public bool? IsProOnly(string model) => offers.GetValueOrDefault(model)?.IsProOnly;

    /// <summary>What people read where they choose a model.</summary>
    public string NameOf(string model) => offers.GetValueOrDefault(model)?.Name ?? model;

    public CatalogEntry? FindEntry(string? pattern) => entries.FirstOrDefault(e => string.Equals(e.Pattern, pattern, StringComparison.OrdinalIgnoreCase));

    /// <summary>Models that have a place first, the others as they come.</summary>
    public static List<string> InOrder(IEnumerable<string> models, IReadOnlyDictionary<string, OfferedModel> offers) =>
        [.. models.OrderBy(id => offers.GetValueOrDefault(id)?.Position ?? int.MaxValue)];

    /// <summary>Offers a model otherwise.</summary>
    /// <param name="db">Of the caller.</param>
    /// <param name="audit">Gets the deed.</param>
    /// <param name="model">One of <paramref name="known"/>.</param>
    /// <param name="offer">As it is to be.</param>
    /// <param name="known">All models that could be offered.</param>
    /// <param name="cancellation">Ends it before anything is stored.</param>
    public Task<Wrong?> OfferAsync(ChatDb db, AuditLog audit, string model, Offer offer, IReadOnlyList<string> known, CancellationToken cancellation) => ChangeAsync(db, async () =>
    {
        var rows = await RowsAsync(db, known, cancellation);
        if (offer.IsHidden && known.All(other => other == model || rows.GetValueOrDefault(other) is { IsHidden: true }))
            return new("offered", $"{model} is the only model that is still offered. Offer another one first.");
        if (offer.Name is { } name && known.Any(other => other != model && IsCalled(other, name, rows)))
            return new("name", $"Another model is called “{name}” already. Give this one another name.");
        var before = Offer.Of(rows.GetValueOrDefault(model));
        RowOf(db, model, rows).Become(offer);
        audit.Note(new Deed("offer", $"model {model}", $"{before}", $"{offer}"));
        return null;
    }, cancellation);

    /// <summary>Moves a model up or down by one.</summary>
    public Task<Wrong?> MoveAsync(ChatDb db, AuditLog audit, string model, bool up, IReadOnlyList<string> known, CancellationToken cancellation) => ChangeAsync(db, async () =>
    {
        var rows = await RowsAsync(db, known, cancellation);
        var order = InOrder(known, rows);
        var from = order.IndexOf(model);
        var to = up ? from - 1 : from + 1;
        if (to < 0 || to >= order.Count) return new("to", $"{model} is {(up ? "first" : "last")} already.");
        (order[from], order[to]) = (order[to], order[from]);
        // Whatever stands above one that has a place needs one too.
        var last = Math.Max(Math.Max(from, to), order.FindLastIndex(id => rows.GetValueOrDefault(id)?.Position is not null));
        for (var i = 0; i <= last; i++) RowOf(db, order[i], rows).MoveTo(i);
        audit.Note(new Deed("move", $"model {model}", $"place {from + 1}", $"place {to + 1}"));
        return null;
    }, cancellation);

    /// <summary>Writes an entry, or another description into the one there is.</summary>
    public Task<Wrong?> DescribeAsync(ChatDb db, AuditLog audit, string pattern, ModelTraits traits, bool isNew, CancellationToken cancellation) => ChangeAsync(db, async () =>
    {
        var entry = await EntryAsync(db, pattern, cancellation);
        if (isNew && entry is not null) return new("pattern", $"There is an entry for {entry.Pattern} already. Change that one.");
        if (!isNew && entry is null) return NoEntry;
        if (entry is null && await db.CatalogEntries.CountAsync(cancellation) >= MaxEntries) return new("pattern", $"{MaxEntries} entries are the most. Remove one first.");
        var before = entry?.Traits;
        if (entry is null) db.CatalogEntries.Add(entry = new CatalogEntry(pattern));
        entry.Describe(traits);
        audit.Note(new Deed(isNew ? "write entry" : "describe entry", $"catalogue {entry.Pattern}", before?.ToString(), $"{traits}"));
        return null;
    }, cancellation);

    /// <summary>Adds a price to an entry, from today on or later.</summary>
    public Task<Wrong?> AddPriceAsync(ChatDb db, AuditLog audit, string pattern, DateOnly from, TokenPrice price, CancellationToken cancellation) => ChangeAsync(db, async () =>
    {
        if (await EntryAsync(db, pattern, cancellation) is not { } entry) return NoEntry;
        if (from < Today) return new("from", "A price begins today or later: what was charged until now stays as it was.");
        if (entry.Prices.Any(p => p.From == from)) return new("from", from == Today ? "A price of this entry begins today already. The next one can begin tomorrow." : "A price of this entry begins on that day already. Take it back first.");
        if (entry.Prices.Count >= MaxPrices) return new("from", $"{MaxPrices} prices are the most for one entry. Write an entry with a longer pattern.");
        var added = new CatalogPrice(entry.Pattern, from, price);
        audit.Note(new Deed("add price", $"catalogue {entry.Pattern}", entry.Prices.Where(p => p.From < from).MaxBy(p => p.From)?.ToString() ?? "no price of its own", $"{added}"));
        db.CatalogPrices.Add(added);
        return null;
    }, cancellation);

    /// <summary>Takes a price back that is not in force yet.</summary>
    public Task<Wrong?> TakeBackAsync(ChatDb db, AuditLog audit, string pattern, DateOnly from, CancellationToken cancellation) => ChangeAsync(db, async () =>
    {
        if (await EntryAsync(db, pattern, cancellation) is not { } entry) return NoEntry;
        if (entry.Prices.FirstOrDefault(p => p.From == from) is not { } price) return new("from", "This price is not there any more.");
        if (price.From <= Today) return new("from", "This price is in force, or was: it stays. Add another one in its place.");
        audit.Note(new Deed("take price back", $"catalogue {entry.Pattern}", $"{price}"));
        db.CatalogPrices.Remove(price);
        return null;
    }, cancellation);

    /// <summary>Removes an entry that no message can have been charged by.</summary>
    public Task<Wrong?> RemoveAsync(ChatDb db, AuditLog audit, string pattern, CancellationToken cancellation) => ChangeAsync(db, async () =>
    {
        if (await EntryAsync(db, pattern, cancellation) is not { } entry) return NoEntry;
        if (entry.Prices.Any(p => p.From <= Today)) return new("pattern", "A price of this entry is in force, or was, so the entry stays. Change what it says, or add a price.");
        audit.Note(new Deed("remove entry", $"catalogue {entry.Pattern}", string.Join("; ", [$"{entry.Traits}", .. entry.Prices.Select(p => $"{p}")])));
        db.CatalogEntries.Remove(entry);
        return null;
    }, cancellation);

    public void Dispose() => reading.Dispose();

    private static readonly Wrong NoEntry = new("pattern", "This entry is not there any more.");

    private async Task<Wrong?> ChangeAsync(ChatDb db, Func<Task<Wrong?>> change, CancellationToken cancellation)
    {
        var refusal = await db.WriteAsync(change, cancellation);
        if (refusal is null) await ReadAsync(db, CancellationToken.None);
        return refusal;
    }

    // Models that are not there any more make room when it gets tight.
    private static async Task<Dictionary<string, OfferedModel>> RowsAsync(ChatDb db, IReadOnlyList<string> known, CancellationToken cancellation)
    {
        var rows = await db.OfferedModels.ToDictionaryAsync(m => m.Id, cancellation);
        if (rows.Count + known.Count(id => !rows.ContainsKey(id)) > ModelList.MaxModels)
            db.OfferedModels.RemoveRange(rows.Values.Where(row => !known.Contains(row.Id)));
        return rows;
    }

    private static OfferedModel RowOf(ChatDb db, string model, Dictionary<string, OfferedModel> rows)
    {
        if (rows.TryGetValue(model, out var row)) return row;
        db.OfferedModels.Add(row = new OfferedModel(model));
        return rows[model] = row;
    }

    private static bool IsCalled(string model, string name, Dictionary<string, OfferedModel> rows) =>
        string.Equals(model, name, StringComparison.OrdinalIgnoreCase) || string.Equals(rows.GetValueOrDefault(model)?.Name, name, StringComparison.OrdinalIgnoreCase);

    private static async Task<CatalogEntry?> EntryAsync(ChatDb db, string pattern, CancellationToken cancellation) =>
        (await db.CatalogEntries.Include(e => e.Prices).ToListAsync(cancellation)).Find(e => string.Equals(e.Pattern, pattern, StringComparison.OrdinalIgnoreCase));

    // One after the other: what is kept is never older than what was stored last.
    private async Task ReadAsync(ChatDb db, CancellationToken cancellation)
    {
        await reading.WaitAsync(cancellation);
        try
        {
            offers = (await db.OfferedModels.AsNoTracking().ToDictionaryAsync(m => m.Id, cancellation)).ToFrozenDictionary();
            entries = await db.CatalogEntries.AsNoTracking().Include(e => e.Prices.OrderBy(p => p.From)).OrderBy(e => e.Pattern).ToListAsync(cancellation);
            catalog.LayOver(entries.Select(e => e.ToEntry()));
        }
        finally
        {
            reading.Release();
        }
    }
}
