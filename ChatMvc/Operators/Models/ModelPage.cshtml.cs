using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Operators.Audit;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Operators.Models;

/// <summary>One model: how it is offered, what is known of it, and whether it answers.</summary>
public sealed class ModelPageModel(
    ChatDb db, ModelList models, ModelRules rules, ModelCatalog catalog, TestCalls tests, AuditLog audit, BillingSettings billing) : OpsPage
{
    public string Id { get; private set; } = "";
    public Offer Offer { get; private set; } = Offer.AsSet;
    /// <summary>As typed.</summary>
    public string Name { get; private set; } = "";
    public Wrong? Wrong { get; private set; }
    public ModelEntry Entry => catalog.Find(Id);
    /// <summary>The operators' entry that describes it; null where the file does.</summary>
    public CatalogEntry? Own => Entry.IsOwn ? rules.FindEntry(Entry.Id) : null;
    public string Catalog => catalog.Source;
    public DateOnly Today => rules.Today;
    public bool IsBasic => models.IsBasic(Id);
    public bool Sells => billing.Provider != BillingProvider.None;
    public string Address => "/ops/models/one?id=" + Uri.EscapeDataString(Id);

    public async Task<IActionResult> OnGetAsync(string? id, string? handler)
    {
        if (handler is not null || !await FindAsync(id)) return NotFound();
        Show(Offer.Of(rules.Offers.GetValueOrDefault(Id)));
        return Page();
    }

    public async Task<IActionResult> OnPostOfferAsync([FromForm] string? id, string? name, string? offered, string? plan, CancellationToken cancellation)
    {
        if (!await FindAsync(id)) return NotFound();
        var offer = new Offer(offered == "no", string.IsNullOrWhiteSpace(name) ? null : name.Trim(), plan switch { "pro" => true, "all" => false, _ => null });
        if ((WhyNotCalled(offer.Name) ?? await rules.OfferAsync(db, audit, Id, offer, await models.KnownAsync(), cancellation)) is { } wrong) return Refuse(offer, wrong);
        return Done(Address, $"{Id} is {offer}.");
    }

    public async Task<IActionResult> OnPostTestAsync([FromForm] string? id)
    {
        if (!await FindAsync(id)) return NotFound();
        var outcome = await tests.MakeAsync(Id);
        if (outcome is TestOutcome.Made made) return Done(Address, made.Words);
        var notNow = (TestOutcome.NotNow)outcome;
        Refuse(notNow.Words);
        Response.TooManyRequests(notNow.Wait);
        Show(Offer.Of(rules.Offers.GetValueOrDefault(Id)));
        return Page();
    }

    private static Wrong? WhyNotCalled(string? name) =>
        name?.Length > OfferedModel.MaxName ? new("name", $"The name has at most {OfferedModel.MaxName} characters. Shorten it.")
        : name?.Any(char.IsControl) == true ? new("name", "The name is a line of text. Type it without special characters.")
        : null;

    private async Task<bool> FindAsync(string? id)
    {
        if (id is null || !(await models.KnownAsync()).Contains(id)) return false;
        Id = id;
        return true;
    }

    private PageResult Refuse(Offer offer, Wrong wrong)
    {
        Refuse(wrong.Why);
        Wrong = wrong;
        Show(offer);
        return Page();
    }

    private void Show(Offer offer) => (Offer, Name) = (offer, offer.Name ?? "");
}
