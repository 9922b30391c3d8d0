using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>
/// All that the sandbox's Stripe knows: objects as they are sent, by kind, in the order they were made. Used under
/// <see cref="SandboxStripe"/>'s lock alone.
/// </summary>
internal sealed class StripeBooks : IDisposable
{
    /// <summary>Of each kind; the oldest makes room.</summary>
    public const int MaxOfAKind = 2_000;

    private readonly Dictionary<string, OrderedDictionary<string, JsonObject>> kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> byId = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, JsonObject> changed = new(StringComparer.Ordinal);
    private readonly StripeJournal journal;

    public StripeBooks(string? path)
    {
        journal = new StripeJournal(path);
        foreach (var obj in journal.Load()) Keep(obj);
        if (!byId.ContainsKey(SandboxStripe.ProPriceId))
        {
            Keep(StripeShapes.Product(SandboxStripe.ProProductId, "Pro", 0));
            Keep(StripeShapes.Price(SandboxStripe.ProPriceId, SandboxStripe.ProProductId, "usd", SandboxStripe.ProPrice, "month", 1, 0, "pro"));
        }
    }

    public JsonObject? Find(string? id) => id is not null && byId.TryGetValue(id, out var obj) ? obj : null;

    public IEnumerable<JsonObject> OldestFirst(string kind) => kinds.TryGetValue(kind, out var all) ? all.Values : [];

    public IEnumerable<JsonObject> NewestFirst(string kind) => OldestFirst(kind).Reverse();

    /// <summary>Keeps an object as it stands now.</summary>
    public void Put(JsonObject obj)
    {
        Keep(obj);
        changed[obj.Id] = obj;
    }

    /// <summary>Writes down what was put since the last time.</summary>
    public void Commit()
    {
        if (changed.Count == 0) return;
        journal.Append(changed.Values, () => kinds.Values.SelectMany(kind => kind.Values));
        changed.Clear();
    }

    public void Dispose() => journal.Dispose();

    private void Keep(JsonObject obj)
    {
        if (!kinds.TryGetValue(obj.Kind, out var all)) kinds[obj.Kind] = all = new(StringComparer.Ordinal);
        all[obj.Id] = byId[obj.Id] = obj;
        if (all.Count <= MaxOfAKind) return;
        // The shop's own price and product were there first, and stay.
        var oldest = all.GetAt(0).Key is SandboxStripe.ProPriceId or SandboxStripe.ProProductId ? 1 : 0;
        byId.Remove(all.GetAt(oldest).Key);
        all.RemoveAt(oldest);
    }
}
