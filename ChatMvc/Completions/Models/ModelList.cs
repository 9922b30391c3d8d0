using System.Collections.Frozen;
using ChatMvc.Operators.Models;
using ChatMvc.Shared;

namespace ChatMvc.Completions.Models;

/// <summary>
/// The models people may choose: the operator's list, else the chat models that the upstream lists. Kept for some minutes
/// and renewed behind the page that asks; an upstream that does not answer leaves what was known. A choice that is not on it,
/// or that the upstream says is not there, has it renewed at once. Operators put it in order and hide what they do not want.
/// </summary>
public sealed partial class ModelList(ModelClient client, ModelCatalog catalog, ModelRules rules, OpenAISettings settings, TimeProvider time, ILogger<ModelList> logger)
{
    public const int MaxModels = 200;
    public const int MaxIdLength = 100;
    private const string Preferred = "gpt-6-luna";
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(10);
    /// <summary>How long a page waits for the very first list.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly IReadOnlyList<string> unlisted = [settings.DefaultModel ?? Preferred];
    private List<string> listed = [];
    private volatile Arrangement? arranged;
    private DateTimeOffset renewAt = DateTimeOffset.MinValue;
    private DateTimeOffset renewedAt = DateTimeOffset.MinValue;
    private Task renewal = Task.CompletedTask;

    /// <summary>Ids in display order; at least one.</summary>
    public async Task<IReadOnlyList<string>> AllowedAsync() => (await ArrangedAsync()).Offered;

    /// <summary>The same with those that operators hide: a chat that has one of them keeps it.</summary>
    public async Task<IReadOnlyList<string>> KnownAsync() => (await ArrangedAsync()).All;

    /// <summary>What to choose from where a model was chosen before: it stays there when it is hidden.</summary>
    public async Task<IReadOnlyList<string>> ChoiceAsync(string? chosen)
    {
        var (all, offered) = await ArrangedAsync();
        return chosen is null || offered.Contains(chosen) || !all.Contains(chosen) ? offered : [chosen, .. offered];
    }

    /// <summary>Whether a model may be chosen. One that the list does not have may be newer than the list.</summary>
    public async Task<bool> OffersAsync(string model)
    {
        if ((await AllowedAsync()).Contains(model)) return true;
        if (settings.Models.Length > 0 || rules.IsHidden(model)) return false;
        Outdated();
        await Task.WhenAny(RenewWhenDue(), Task.Delay(Patience));
        return listed.Contains(model);
    }

    /// <summary>The upstream was heard to have another list: the next who asks gets it anew, at most once in ten seconds.</summary>
    public void Outdated()
    {
        lock (gate)
        {
            var soonest = renewedAt + RetryAfterFailure;
            if (renewAt > soonest) renewAt = soonest;
        }
    }

    /// <summary>The model of a new chat.</summary>
    public async Task<string> DefaultAsync()
    {
        var allowed = await AllowedAsync();
        return new[] { rules.DefaultModel, settings.DefaultModel, Preferred }.FirstOrDefault(id => id is not null && allowed.Contains(id)) ?? allowed[0];
    }

    /// <summary>The model that names chats. An operator may take one that is hidden from people.</summary>
    public async Task<string> ForTitlesAsync()
    {
        if (rules.TitleModel is { } chosen && (await KnownAsync()).Contains(chosen)) return chosen;
        return settings.TitleModel ?? await DefaultAsync();
    }

    public bool AllAreBasic => settings.BasicModels.Length == 0 && !rules.Offers.Values.Any(m => m.IsProOnly == true);

    /// <summary>Whether the free allowance may use it.</summary>
    public bool IsBasic(string model) => !(rules.IsProOnly(model) ?? settings.BasicModels.Length > 0 && !settings.BasicModels.Contains(model));

    private async Task<Arrangement> ArrangedAsync()
    {
        if (settings.Models.Length > 0) return Arranged(settings.Models);
        var renewing = RenewWhenDue();
        if (listed.Count == 0) await Task.WhenAny(renewing, Task.Delay(Patience));
        return Arranged(listed.Count > 0 ? listed : unlisted);
    }

    // Made anew when the list or the operators' wishes are others.
    private Arrangement Arranged(IReadOnlyList<string> ids)
    {
        var (known, offers) = (arranged, rules.Offers);
        if (known is not null && ReferenceEquals(known.Of, ids) && ReferenceEquals(known.By, offers)) return known;
        var all = ModelRules.InOrder(ids, offers);
        List<string> offered = [.. all.Where(id => offers.GetValueOrDefault(id) is not { IsHidden: true })];
        // The upstream has nothing left but what is hidden, which nobody is to get by that.
        return arranged = new Arrangement(ids, offers, all, offered.Count > 0 ? offered : unlisted);
    }

    private sealed record Arrangement(IReadOnlyList<string> Of, FrozenDictionary<string, OfferedModel> By, IReadOnlyList<string> All, IReadOnlyList<string> Offered)
    {
        public void Deconstruct(out IReadOnlyList<string> all, out IReadOnlyList<string> offered) => (all, offered) = (All, Offered);
    }

    private Task RenewWhenDue()
    {
        lock (gate)
        {
            if (renewal.IsCompleted && time.GetUtcNow() >= renewAt) renewal = RenewAsync();
            return renewal;
        }
    }

    private async Task RenewAsync()
    {
        renewedAt = time.GetUtcNow();
        renewAt = renewedAt + RetryAfterFailure;
        try
        {
            var ids = await client.ListAsync();
            var chat = ids.Where(id => id.Length is > 0 and <= MaxIdLength && catalog.Find(id).Kind == ModelKind.Chat)
                .OrderBy(catalog.Rank).ThenBy(id => id, StringComparer.Ordinal).Take(MaxModels).ToList();
            if (chat.Count > 0) listed = chat;
            renewAt = time.GetUtcNow() + Fresh;
        }
        catch (ModelListUnavailableException e)
        {
            LogUnavailable(logger, e.Status);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The upstream's list of models could not be had (status {Status})")]
    private static partial void LogUnavailable(ILogger logger, int status);
}
