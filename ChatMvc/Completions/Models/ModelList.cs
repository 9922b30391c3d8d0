using ChatMvc.Shared;

namespace ChatMvc.Completions.Models;

/// <summary>
/// The models people may choose: the operator's list, else the chat models that the upstream lists. Kept for some minutes
/// and renewed behind the page that asks; an upstream that does not answer leaves what was known. A choice that is not on it,
/// or that the upstream says is not there, has it renewed at once.
/// </summary>
public sealed partial class ModelList(ModelClient client, ModelCatalog catalog, OpenAISettings settings, TimeProvider time, ILogger<ModelList> logger)
{
    public const int MaxModels = 200;
    public const int MaxIdLength = 100;
    private const string Preferred = "gpt-6-luna";
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(10);
    /// <summary>How long a page waits for the very first list.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private List<string> listed = [];
    private DateTimeOffset renewAt = DateTimeOffset.MinValue;
    private DateTimeOffset renewedAt = DateTimeOffset.MinValue;
    private Task renewal = Task.CompletedTask;

    /// <summary>Ids in display order; at least one.</summary>
    public async Task<IReadOnlyList<string>> AllowedAsync()
    {
        if (settings.Models.Length > 0) return settings.Models;
        var renewing = RenewWhenDue();
        if (listed.Count == 0) await Task.WhenAny(renewing, Task.Delay(Patience));
        return listed.Count > 0 ? listed : [settings.DefaultModel ?? Preferred];
    }

    /// <summary>Whether a model may be chosen. One that the list does not have may be newer than the list.</summary>
    public async Task<bool> OffersAsync(string model)
    {
        if ((await AllowedAsync()).Contains(model)) return true;
        if (settings.Models.Length > 0) return false;
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
        if (settings.DefaultModel is { } chosen && allowed.Contains(chosen)) return chosen;
        return allowed.Contains(Preferred) ? Preferred : allowed[0];
    }

    /// <summary>The model that names chats.</summary>
    public async Task<string> ForTitlesAsync() => settings.TitleModel ?? await DefaultAsync();

    public bool AllAreBasic => settings.BasicModels.Length == 0;

    /// <summary>Whether the free allowance may use it.</summary>
    public bool IsBasic(string model) => settings.BasicModels.Length == 0 || settings.BasicModels.Contains(model);

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
