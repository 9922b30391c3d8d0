using ChatMvc.Accounts;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.People;

/// <summary>
/// Finds people by the beginning of a number (<c>+1212</c>), a part of one, an id (<c>#17</c>) or a part of a name; in an order
/// that pages can go on in.
/// </summary>
public static class PeopleSearch
{
    /// <summary>Characters.</summary>
    public const int MaxTyped = 60;
    private const string Escape = "\\";
    /// <summary>The character behind the last digit.</summary>
    private const char BehindDigits = (char)('9' + 1);

    /// <param name="people">All.</param>
    /// <param name="sought">As typed; empty for everybody.</param>
    /// <param name="after">The last one on the page before; null on the first.</param>
    public static IQueryable<User> Find(IQueryable<User> people, string sought, User? after)
    {
        var living = people.Where(u => u.DeletedAt == null);
        return Beginning(sought) is { } beginning ? ByNumber(living, beginning, after) : Newest(Matching(living, sought), after);
    }

    // One range of the index on numbers, which is their order too.
    private static IQueryable<User> ByNumber(IQueryable<User> people, string beginning, User? after)
    {
        var (first, end) = (beginning, beginning + BehindDigits);
        var found = people.Where(u => string.Compare(u.Phone, first) >= 0 && string.Compare(u.Phone, end) < 0);
        if (after?.Phone is { } last) found = found.Where(u => string.Compare(u.Phone, last) > 0);
        return found.OrderBy(u => u.Phone);
    }

    private static IQueryable<User> Newest(IQueryable<User> people, User? after)
    {
        if (after?.Id is { } last) people = people.Where(u => u.Id < last);
        return people.OrderByDescending(u => u.Id);
    }

    private static IQueryable<User> Matching(IQueryable<User> people, string sought)
    {
        if (sought.Length == 0) return people;
        if (sought[0] == '#' && long.TryParse(sought.AsSpan(1), out var id)) return people.Where(u => u.Id == id);
        if (Digits(sought) is { } digits)
        {
            var asId = long.TryParse(digits, out var number) ? number : 0;
            return people.Where(u => u.Phone.Contains(digits) || u.Id == asId);
        }
        var name = $"%{Plain(sought)}%";
        return people.Where(u => EF.Functions.Like(u.DisplayName!, name, Escape));
    }

    private static string? Beginning(string sought) =>
        sought.StartsWith('+') && Digits(sought[1..]) is { } typed ? "+" + typed
        : sought.StartsWith("00", StringComparison.Ordinal) && Digits(sought[2..]) is { } dialled ? "+" + dialled
        : null;

    /// <summary>The digits of what holds nothing else but what people put between them; null for anything else.</summary>
    private static string? Digits(string text)
    {
        var digits = string.Concat(text.Where(char.IsAsciiDigit));
        return digits.Length > 0 && text.All(c => char.IsAsciiDigit(c) || char.IsWhiteSpace(c) || c is '-' or '.' or '/' or '(' or ')') ? digits : null;
    }

    private static string Plain(string text) => text
        .Replace(Escape, Escape + Escape, StringComparison.Ordinal).Replace("%", Escape + "%", StringComparison.Ordinal).Replace("_", Escape + "_", StringComparison.Ordinal);
}
