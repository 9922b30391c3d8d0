using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>GET of a list: newest first, filtered, in pages.</summary>
internal static class StripeLists
{
    private const string Paging = "created ending_before expand limit starting_after";
    private const int UsualLimit = 10;
    private const int MaxLimit = 100;

    /// <summary>A page of a kind.</summary>
    /// <param name="work">The work.</param>
    /// <param name="form">The parameters.</param>
    /// <param name="kind">Stripe's name of the objects.</param>
    /// <param name="url">Of the list.</param>
    /// <param name="filters">Parameters whose value a member of the same name must have, separated by spaces.</param>
    /// <param name="others">Further parameters that <paramref name="matches"/> looks at.</param>
    /// <param name="matches">Which of them belong to it.</param>
    public static JsonObject Page(StripeWork work, StripeForm form, string kind, string url, string filters, string others = "", Func<JsonObject, bool>? matches = null)
    {
        form.Only($"{Paging} {filters} {others}");
        var wanted = filters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => (name, Value: form.Text(name))).Where(filter => filter.Value is not null).ToList();
        var created = Created(form);
        var all = work.Books.NewestFirst(kind)
            .Where(obj => !obj.IsDeleted && wanted.TrueForAll(filter => obj[filter.name]?.ToString() == filter.Value) && created(obj.Number("created")) && matches?.Invoke(obj) != false);
        return Cut(form, all, url);
    }

    /// <summary>A page of objects that are chosen already.</summary>
    public static JsonObject Cut(StripeForm form, IEnumerable<JsonObject> chosen, string url)
    {
        var limit = form.Integer("limit") ?? UsualLimit;
        if (limit is < 1 or > MaxLimit) throw StripeException.Invalid($"Invalid integer: limit is 1 to {MaxLimit}", "limit", "parameter_invalid_integer");
        var (after, before) = (form.Text("starting_after"), form.Text("ending_before"));
        if (after is not null && before is not null) throw StripeException.Invalid("You may only specify one of these parameters: starting_after, ending_before.");
        var all = chosen.ToList();
        if (after is not null) return First(all[(PlaceOf(all, after, "starting_after") + 1)..], (int)limit, url);
        if (before is null) return First(all, (int)limit, url);
        var newer = all[..PlaceOf(all, before, "ending_before")];
        return StripeAnswer.ListOf(newer.TakeLast((int)limit), url, newer.Count > limit);
    }

    private static JsonObject First(List<JsonObject> all, int limit, string url) => StripeAnswer.ListOf(all.Take(limit), url, all.Count > limit);

    private static int PlaceOf(List<JsonObject> all, string id, string param) => all.FindIndex(obj => obj.Id == id) is >= 0 and var place
        ? place
        : throw StripeException.Invalid($"No such object: '{id}'", param, "resource_missing");

    private static Func<long, bool> Created(StripeForm form)
    {
        var created = form["created"];
        if (form.Has("created") && !created.HasParts) return form.Integer("created") is { } at ? made => made == at : _ => true;
        created.Only("gt gte lt lte");
        var (gt, gte, lt, lte) = (created.Integer("gt"), created.Integer("gte"), created.Integer("lt"), created.Integer("lte"));
        return made => !(made <= gt) && !(made < gte) && !(made >= lt) && !(made > lte);
    }
}
