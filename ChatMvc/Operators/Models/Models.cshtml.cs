using ChatMvc.Billing;
using ChatMvc.Completions;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Operators.Audit;
using ChatMvc.Operators.State;
using Microsoft.AspNetCore.Mvc;

namespace ChatMvc.Operators.Models;

/// <summary>One model as it is offered, and what is known of it.</summary>
/// <param name="Price">In force today; null while unknown.</param>
public sealed record ModelLine(string Id, string Name, bool IsHidden, bool IsBasic, ModelEntry Entry, ModelPrice? Price)
{
    public string Url => "/ops/models/one?id=" + Uri.EscapeDataString(Id);
}

/// <summary>The models: which are offered, in which order, to whom; and what is known of them.</summary>
public sealed class ModelsModel(
    ChatDb db, ModelList models, ModelRules rules, ModelCatalog catalog, ServerFacts facts, AuditLog audit, OpenAISettings openAI, BillingSettings billing) : OpsPage
{
    private const string Here = "/ops/models";

    public IReadOnlyList<ModelLine> Lines { get; private set; } = [];
    public IReadOnlyList<CatalogEntry> Entries => rules.Entries;
    public DateOnly Today => rules.Today;
    /// <summary>In force.</summary>
    public string Default { get; private set; } = "";
    /// <summary>In force.</summary>
    public string Titles { get; private set; } = "";
    public string? ChosenDefault => rules.DefaultModel;
    public string? ChosenTitles => rules.TitleModel;
    /// <summary>Whether the setting says which models there are, and not the upstream.</summary>
    public bool IsListSet => openAI.Models.Length > 0;
    public bool Sells => billing.Provider != BillingProvider.None;
    public string Catalog => catalog.Source;

    public async Task<IActionResult> OnGetAsync(string? handler) => handler is null ? await ShowAsync() : NotFound();

    public async Task<IActionResult> OnPostMoveAsync(string? id, string? to, CancellationToken cancellation)
    {
        var known = await models.KnownAsync();
        if (id is null || !known.Contains(id)) return await RefuseAsync(NotListed);
        if (await rules.MoveAsync(db, audit, id, up: to == "up", known, cancellation) is { } wrong) return await RefuseAsync(wrong.Why);
        return Done(Here, $"{id} was moved {(to == "up" ? "up" : "down")}.");
    }

    public async Task<IActionResult> OnPostDefaultAsync(string? model, CancellationToken cancellation)
    {
        if (!string.IsNullOrEmpty(model) && !(await models.AllowedAsync()).Contains(model)) return await RefuseAsync("The model of new chats is one that is offered. Choose one from the list.");
        await SetAsync(ServerFacts.DefaultModel, model, "set default model", cancellation);
        return Done(Here, $"New chats begin with {await models.DefaultAsync()}.");
    }

    public async Task<IActionResult> OnPostTitlesAsync(string? model, CancellationToken cancellation)
    {
        if (!string.IsNullOrEmpty(model) && !(await models.KnownAsync()).Contains(model)) return await RefuseAsync(NotListed);
        await SetAsync(ServerFacts.TitleModel, model, "set title model", cancellation);
        return Done(Here, $"Titles and summaries are written by {await models.ForTitlesAsync()}.");
    }

    private const string NotListed = "This model is not on the list any more. Choose another one.";

    private Task SetAsync(string fact, string? model, string action, CancellationToken cancellation)
    {
        var chosen = string.IsNullOrEmpty(model) ? null : model;
        return facts.SetAsync(db, fact, chosen, before => audit.Note(new Deed(action, "models", before ?? AsSet, chosen ?? AsSet)), cancellation);
    }

    private const string AsSet = "as the settings say";

    private async Task<IActionResult> RefuseAsync(string why)
    {
        Refuse(why);
        return await ShowAsync();
    }

    private async Task<IActionResult> ShowAsync()
    {
        Lines = [.. (await models.KnownAsync()).Select(LineOf)];
        (Default, Titles) = (await models.DefaultAsync(), await models.ForTitlesAsync());
        return Page();
    }

    private ModelLine LineOf(string id) => new(id, rules.NameOf(id), rules.IsHidden(id), models.IsBasic(id), catalog.Find(id), catalog.Find(id).PriceOn(Today));
}
