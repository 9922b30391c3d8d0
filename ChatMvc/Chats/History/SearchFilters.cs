using System.Globalization;
using ChatMvc.Shared;

namespace ChatMvc.Chats.History;

/// <summary>What else has to hold of a message that is found. Days are the person's.</summary>
public sealed record SearchFilters(DateOnly? From, DateOnly? To, string? Model, Role? Role)
{
    private const int MaxModel = 100;
    /// <summary>A longer span is not narrowed down by the index: nearly all lies within it.</summary>
    private const int MaxMonths = 24;
    private static readonly DateOnly First = new(2000, 1, 1), Last = new(2999, 12, 31);

    public static readonly SearchFilters None = new(null, null, null, null);

    public bool IsNone => this == None;
    /// <summary>Whether only messages can be meant: a chat has neither.</summary>
    public bool AreOfMessages => Model is not null || Role is not null;

    /// <summary>Reads the fields of the form; empty ones ask for nothing.</summary>
    /// <returns>Why it cannot be, and the field; null when all is well.</returns>
    public static (string Why, string Field)? Read(string? from, string? to, string? model, string? role, out SearchFilters filters)
    {
        filters = None;
        if (!IsDay(from, out var first)) return ("Write the first day as 2026-01-31, or leave it empty.", "from");
        if (!IsDay(to, out var last)) return ("Write the last day as 2026-01-31, or leave it empty.", "to");
        if (first > last) return ("The first day is after the last. Change one of them.", "from");
        if (model?.Length > MaxModel) return ("Choose a model from the list.", "model");
        if (!IsRole(role, out var who)) return ("Choose who wrote it from the list.", "role");
        filters = new(first, last, string.IsNullOrEmpty(model) ? null : model, who);
        return null;
    }

    /// <summary>The moments between which it was written, the second no longer part of it.</summary>
    public (DateTimeOffset? From, DateTimeOffset? Until) Span(TimeZoneInfo zone) =>
        (From is { } from ? Times.StartOf(from, zone) : null, To is { } to ? Times.StartOf(to.AddDays(1), zone) : null);

    /// <summary>The tokens of the index that narrow the messages down: one of each list has to be there.</summary>
    public IEnumerable<IReadOnlyList<string>> Facts(TimeZoneInfo zone)
    {
        if (Role is { } role) yield return [$"r{role}"];
        if (Model is { } model) yield return [$"m{Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(model))}"];
        if (Span(zone) is ({ } from, { } until) && MonthsIn(from.UtcDateTime, until.UtcDateTime) is { Count: <= MaxMonths } months) yield return months;
    }

    private static List<string> MonthsIn(DateTime from, DateTime until)
    {
        var months = new List<string>();
        for (var month = new DateTime(from.Year, from.Month, 1); month < until && months.Count <= MaxMonths; month = month.AddMonths(1))
            months.Add(month.ToString("'d'yyyyMM", CultureInfo.InvariantCulture));
        return months;
    }

    private static bool IsDay(string? typed, out DateOnly? day)
    {
        day = null;
        if (string.IsNullOrWhiteSpace(typed)) return true;
        if (!DateOnly.TryParseExact(typed.Trim(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed) || parsed < First || parsed > Last) return false;
        day = parsed;
        return true;
    }

    private static bool IsRole(string? typed, out Role? role)
    {
        role = typed switch { "user" => Chats.Role.User, "assistant" => Chats.Role.Assistant, _ => null };
        return role is not null || string.IsNullOrEmpty(typed);
    }
}
