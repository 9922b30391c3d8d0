using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>How an object of the books is sent: without what is the sandbox's own, and with what the client wants to see whole.</summary>
internal static class StripeAnswer
{
    private const int MaxExpansions = 20;
    private const int MaxDepth = 4;

    private static readonly JsonSerializerOptions Indented = new(SandboxJson.Options) { WriteIndented = true, DefaultIgnoreCondition = default };

    /// <summary>A copy without the sandbox's own members.</summary>
    public static JsonObject Public(JsonObject obj)
    {
        var copy = new JsonObject();
        foreach (var (name, value) in obj)
        {
            if (name[0] != '_') copy[name] = value?.DeepClone();
        }
        return copy;
    }

    /// <summary>The text that is sent.</summary>
    /// <param name="obj">A public copy.</param>
    /// <param name="address">Of the sandbox's Stripe as a browser sees it, such as <c>http://localhost:5000/sandbox/stripe</c>.</param>
    public static byte[] Bytes(JsonObject obj, string address) =>
        Encoding.UTF8.GetBytes(obj.ToJsonString(Indented).Replace(StripeShapes.Here, address, StringComparison.Ordinal));

    /// <summary>Puts whole objects in place of ids, as <c>expand[]</c> asks.</summary>
    /// <param name="books">Where they are.</param>
    /// <param name="obj">A public copy; changed.</param>
    /// <param name="paths">Such as <c>latest_invoice.payments</c>, in a list <c>data.customer</c>.</param>
    public static JsonObject Expand(StripeBooks books, JsonObject obj, IReadOnlyList<string> paths)
    {
        if (paths.Count > MaxExpansions) throw StripeException.Invalid($"At most {MaxExpansions} properties can be expanded.", "expand");
        foreach (var path in paths)
        {
            var steps = path.Split('.');
            if (steps.Length > (steps[0] == "data" ? MaxDepth + 1 : MaxDepth)) throw StripeException.Invalid($"You cannot expand more than {MaxDepth} levels of a property.", "expand");
            Expand(books, obj, steps, path);
        }
        return obj;
    }

    private static void Expand(StripeBooks books, JsonObject obj, ReadOnlySpan<string> steps, string path)
    {
        if (steps.IsEmpty) return;
        var name = steps[0];
        if (!obj.ContainsKey(name) && Included(books, obj, name) is { } included) obj[name] = included;
        if (!obj.ContainsKey(name) || name[0] == '_') throw StripeException.Invalid($"This property cannot be expanded ({path}).", "expand");
        if (obj[name] is JsonValue value && value.TryGetValue(out string? id))
            obj[name] = books.Find(id) is { } whole ? Public(whole) : throw StripeException.Invalid($"This property cannot be expanded ({path}).", "expand");
        if (obj[name] is JsonObject next) Expand(books, next, steps[1..], path);
        if (obj[name] is not JsonArray all) return;
        foreach (var item in all)
        {
            if (item is JsonObject one) Expand(books, one, steps[1..], path);
        }
    }

    // What Stripe leaves out unless it is asked for.
    private static JsonObject? Included(StripeBooks books, JsonObject obj, string name) => (obj.Text("object"), name) switch
    {
        ("checkout.session", "line_items") => ListOf(books.Find(obj.Id)!["_line_items"]!.AsArray().Select(item => item!.AsObject()), $"/v1/checkout/sessions/{obj.Id}/line_items"),
        ("customer", "subscriptions") => ListOf(books.NewestFirst("subscription").Where(s => s.Text("customer") == obj.Id && s.Text("status") != "canceled"), $"/v1/customers/{obj.Id}/subscriptions"),
        ("invoice", "payments") => ListOf(books.NewestFirst("invoice_payment").Where(p => p.Text("invoice") == obj.Id), $"/v1/invoice_payments?invoice={obj.Id}"),
        ("charge", "refunds") => ListOf(books.NewestFirst("refund").Where(r => r.Text("charge") == obj.Id), $"/v1/charges/{obj.Id}/refunds"),
        _ => null,
    };

    public static JsonObject ListOf(IEnumerable<JsonObject> objects, string url, bool hasMore = false) => new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. objects.Select(Public)]),
        ["has_more"] = hasMore,
        ["url"] = url,
    };
}
