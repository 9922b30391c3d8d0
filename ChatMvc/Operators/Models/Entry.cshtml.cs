using System.Globalization;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Operators.Audit;
using Microsoft.AspNetCore.Mvc;

namespace ChatMvc.Operators.Models;

/// <summary>A catalogue entry of the operators' own: what it says, and its prices by the day they begin.</summary>
public sealed class EntryModel(ChatDb db, ModelList models, ModelRules rules, ModelCatalog catalog, AuditLog audit) : OpsPage
{
    /// <summary>Null while it is being written.</summary>
    public CatalogEntry? Entry { get; private set; }
    public TypedEntry Typed { get; private set; } = TypedEntry.Of("", new(ModelEntry.UnknownWindow, ModelEntry.UnknownWindow / 2, Images: false, Temperature: true));
    public TypedPrice TypedPrice { get; private set; } = new("", "", "", "", "");
    public Wrong? Wrong { get; private set; }
    public DateOnly Today => rules.Today;
    /// <summary>The listed models that it counts for.</summary>
    public IReadOnlyList<string> Models { get; private set; } = [];
    /// <summary>Whether nothing can have been charged by it.</summary>
    public bool MayGo => Entry is not null && Entry.Prices.All(p => p.From > Today);

    /// <summary>Without an entry for the pattern, the form for a new one with what is known until now.</summary>
    public async Task<IActionResult> OnGetAsync(string? pattern, string? handler)
    {
        if (handler is not null) return NotFound();
        Entry = rules.FindEntry(pattern);
        if (Entry is null && pattern is { Length: > 0 and <= ModelList.MaxIdLength } && catalog.Find(pattern) is var known)
            Typed = TypedEntry.Of(pattern, new(known.Window, known.MaxOutput, known.Images, known.Temperature));
        return await ShowAsync();
    }

    public async Task<IActionResult> OnPostDescribeAsync(string? isNew, CancellationToken cancellation)
    {
        Typed = TypedEntry.Of(Request.Form);
        if (isNew != "yes" && !Find(Typed.Pattern)) return NotFound();
        if (Typed.Read(out var traits) is { } wrong) return await RefuseAsync(wrong, isTyped: true);
        if (await rules.DescribeAsync(db, audit, Typed.Pattern, traits, isNew == "yes", cancellation) is { } refusal) return await RefuseAsync(refusal, isTyped: true);
        // An id that the file says cannot chat may be offered from now on.
        models.Outdated();
        return Done(AddressOf(Typed.Pattern), isNew == "yes" ? "The entry is written. Add a price, so that credit may use its models." : "The entry is changed.");
    }

    public async Task<IActionResult> OnPostPriceAsync([FromForm] string? pattern, CancellationToken cancellation)
    {
        if (!Find(pattern)) return NotFound();
        TypedPrice = TypedPrice.Of(Request.Form);
        if (TypedPrice.Read(Today, out var from, out var price) is { } wrong) return await RefuseAsync(wrong);
        if (await rules.AddPriceAsync(db, audit, Entry!.Pattern, from, price, cancellation) is { } refusal) return await RefuseAsync(refusal);
        return Done(AddressOf(Entry.Pattern), $"The price holds from {PriceWords.Day(from)} on.");
    }

    public async Task<IActionResult> OnPostTakeBackAsync([FromForm] string? pattern, string? from, CancellationToken cancellation)
    {
        if (!Find(pattern)) return NotFound();
        _ = DateOnly.TryParseExact(from, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day);
        if (await rules.TakeBackAsync(db, audit, Entry!.Pattern, day, cancellation) is { } refusal) return await RefuseAsync(refusal);
        return Done(AddressOf(Entry.Pattern), "The price is taken back.");
    }

    public async Task<IActionResult> OnPostRemoveAsync([FromForm] string? pattern, CancellationToken cancellation)
    {
        if (!Find(pattern)) return NotFound();
        if (await rules.RemoveAsync(db, audit, Entry!.Pattern, cancellation) is { } refusal) return await RefuseAsync(refusal);
        models.Outdated();
        return Done("/ops/models", $"The entry for {Entry.Pattern} is removed.");
    }

    private static string AddressOf(string pattern) => "/ops/models/entry?pattern=" + Uri.EscapeDataString(pattern);

    private bool Find(string? pattern) => (Entry = rules.FindEntry(pattern)) is not null;

    private async Task<IActionResult> RefuseAsync(Wrong wrong, bool isTyped = false)
    {
        Wrong = wrong;
        Refuse(wrong.Why);
        return await ShowAsync(isTyped);
    }

    private async Task<IActionResult> ShowAsync(bool isTyped = false)
    {
        if (Entry is not null && !isTyped) Typed = TypedEntry.Of(Entry.Pattern, Entry.Traits);
        if (TypedPrice.From.Length == 0) TypedPrice = TypedPrice with { From = Today.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };
        if (Entry is { Pattern: var pattern }) Models = [.. (await models.KnownAsync()).Where(id => catalog.Find(id) is { IsOwn: true } entry && entry.Id == pattern)];
        return Page();
    }
}
