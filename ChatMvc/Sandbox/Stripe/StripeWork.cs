using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>One piece of work on the books, under the lock: what it finds, changes and tells of.</summary>
/// <param name="books">All there is.</param>
/// <param name="at">The moment it happens, for all of it.</param>
/// <param name="address">Of the sandbox's Stripe as a browser sees it; known once the server listens.</param>
/// <param name="request">The id of the request that asked for it, or null.</param>
/// <param name="idempotencyKey">Of that request.</param>
internal sealed class StripeWork(StripeBooks books, DateTimeOffset at, Func<string> address, string? request = null, string? idempotencyKey = null)
{
    private readonly List<string> events = [];

    public DateTimeOffset At => at;

    /// <summary>Unix seconds.</summary>
    public long Now => at.ToUnixTimeSeconds();
    public StripeBooks Books => books;

    /// <summary>The ids of the events that were made, oldest first.</summary>
    public IReadOnlyList<string> Events => events;

    /// <summary>The object that an address names.</summary>
    /// <exception cref="StripeException">404: there is none of that kind.</exception>
    public JsonObject Get(string kind, string id, string param = "id") => Known(kind, id, param, inAddress: true);

    /// <summary>The object that a parameter names, or null where none is named.</summary>
    /// <exception cref="StripeException">400: there is none of that kind, or it was deleted.</exception>
    public JsonObject? Named(StripeForm form, string name, string kind) => form.Text(name) is { } id
        ? Known(kind, id, form[name].Name, inAddress: false) is { IsDeleted: false } found ? found : throw StripeException.NoSuch(kind, id, form[name].Name, inAddress: false)
        : null;

    /// <summary>Where a page of the sandbox's Stripe stands: at the origin of the shop that it leads back to, where that is this very server.</summary>
    public string PageAddress(string? shop, string path)
    {
        var here = new Uri(address());
        return Uri.TryCreate(shop, UriKind.Absolute, out var back) && back.IsLoopback && back.Scheme == here.Scheme && back.Port == here.Port
            ? back.GetLeftPart(UriPartial.Authority) + SandboxStripe.BasePath + path
            : StripeShapes.Here + path;
    }

    public JsonObject Put(JsonObject obj)
    {
        books.Put(obj);
        return obj;
    }

    /// <summary>Tells of an object as it stands now.</summary>
    public void Tell(string type, JsonObject obj, JsonObject? previous = null)
    {
        var made = StripeShapes.Event(StripeJson.NewId("evt_"), type, StripeAnswer.Public(obj), Now, request, idempotencyKey);
        if (previous is not null) made["data"]!["previous_attributes"] = previous;
        books.Put(made);
        events.Add(made.Id);
    }

    /// <summary>Changes an object and tells of it; an <c>updated</c> event also says what was before.</summary>
    public JsonObject Change(JsonObject obj, string type, Action change)
    {
        var before = StripeAnswer.Public(obj);
        change();
        var previous = new JsonObject();
        foreach (var (name, value) in StripeAnswer.Public(obj))
        {
            if (!JsonNode.DeepEquals(before[name], value)) previous[name] = before[name]?.DeepClone();
        }
        Put(obj);
        Tell(type, obj, type.EndsWith(".updated", StringComparison.Ordinal) ? previous : null);
        return obj;
    }

    private JsonObject Known(string kind, string id, string param, bool inAddress) =>
        books.Find(id) is { } found && found.Kind == kind ? found : throw StripeException.NoSuch(kind, id, param, inAddress);
}
