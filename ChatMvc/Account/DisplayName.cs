using System.Globalization;
using System.Text;
using ChatMvc.Accounts;

namespace ChatMvc.Account;

/// <summary>A name as a person types it for others to read.</summary>
public static class DisplayName
{
    /// <summary>In UTF-16 characters, as a browser's <c>maxlength</c> counts them.</summary>
    public const int MaxLength = User.MaxDisplayName;

    // Persian words and emoji are made with these two; all other invisible characters only serve to deceive.
    private const int NonJoiner = 0x200c;
    private const int Joiner = 0x200d;

    /// <summary>Takes a name, or none where nothing was typed; false when it is too long or holds what cannot be seen.</summary>
    public static bool TryRead(string? typed, out string? name)
    {
        var trimmed = typed?.Trim();
        name = string.IsNullOrEmpty(trimmed) ? null : trimmed;
        return name is null || name.Length <= MaxLength && name.EnumerateRunes().All(IsSeen) && name.EnumerateRunes().Any(rune => !IsJoiner(rune));
    }

    // Half a surrogate pair is enumerated as U+FFFD.
    private static bool IsSeen(Rune rune) => rune != Rune.ReplacementChar && (IsJoiner(rune) || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned));

    private static bool IsJoiner(Rune rune) => rune.Value is NonJoiner or Joiner;
}
