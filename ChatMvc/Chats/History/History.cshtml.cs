using ChatMvc.Accounts;
using ChatMvc.Chats.List;
using ChatMvc.Completions.Models;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace ChatMvc.Chats.History;

/// <summary>Search over all that a person's chats hold.</summary>
public sealed class HistoryModel(CurrentUser me, Searches searches, RoomViews views, ChatLists lists, ModelList models) : PageModel
{
    public Rail Rail { get; private set; } = null!;
    public IReadOnlyList<string> Models { get; private set; } = [];
    /// <summary>As typed.</summary>
    public string Typed { get; private set; } = "";
    public string? From { get; private set; }
    public string? To { get; private set; }
    public string? OfModel { get; private set; }
    public string? OfRole { get; private set; }
    public int Number { get; private set; } = 1;
    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;
    /// <summary>Null when nothing was looked for.</summary>
    public SearchResult? Result { get; private set; }
    /// <summary>Why it was not looked for, in words.</summary>
    public string? Wrong { get; private set; }
    /// <summary>The form field that is about.</summary>
    public string? WrongField { get; private set; }

    public bool HasFilters => !string.IsNullOrEmpty(From + To + OfModel + OfRole);
    public bool HasNext => Result is { } result && Number * Searches.PerPage < result.Count;

    public async Task<IActionResult> OnGetAsync(
        string? q, [FromQuery(Name = "page")] int? number, string? from, string? to, string? model, string? role, CancellationToken cancellation)
    {
        if (number is < 1 or > Searches.MaxPage) return NotFound();
        (Typed, From, To, OfModel, OfRole, Number) = (q ?? "", from, to, model, role, number ?? 1);
        Zone = views.ZoneOf(me.User);
        if (await SearchAsync(cancellation) is { } refused) (Wrong, WrongField, Response.StatusCode) = (refused.Why, refused.Field, StatusCodes.Status422UnprocessableEntity);
        if (Number > 1 && Result is not { Hits.Count: > 0 }) return NotFound();
        Rail = await lists.RailAsync(me.User, null);
        Models = await ChoiceAsync();
        return Page();
    }

    /// <summary>The address of another page of the same result.</summary>
    public string PageUrl(int number) => "/history" + QueryString.Create(
        new Dictionary<string, string?> { ["q"] = Typed, ["from"] = From, ["to"] = To, ["model"] = OfModel, ["role"] = OfRole, ["page"] = $"{number}" }
            .Where(field => !string.IsNullOrEmpty(field.Value)));

    private async Task<(string Why, string Field)?> SearchAsync(CancellationToken cancellation)
    {
        if (SearchFilters.Read(From, To, OfModel, OfRole, out var filters) is { } wrong) return wrong;
        if (string.IsNullOrWhiteSpace(Typed)) return null;
        if (Typed.Length > SearchQuery.MaxLength) return ($"Search for at most {SearchQuery.MaxLength} characters.", "q");
        var query = SearchQuery.Parse(Typed);
        if (query.Terms.Count > SearchQuery.MaxTerms) return ($"Search for at most {SearchQuery.MaxTerms} words and phrases.", "q");
        Result = query.IsEmpty ? SearchResult.Nothing : await searches.FindAsync(me.Id, query, filters, Zone, Number, cancellation);
        return null;
    }

    // A model that is not offered any more may have been asked in its time.
    private async Task<IReadOnlyList<string>> ChoiceAsync()
    {
        var allowed = await models.AllowedAsync();
        return string.IsNullOrEmpty(OfModel) || WrongField == "model" || allowed.Contains(OfModel) ? allowed : [OfModel, .. allowed];
    }
}
