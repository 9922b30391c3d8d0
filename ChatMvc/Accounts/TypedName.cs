using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ChatMvc.Accounts;

/// <summary>Reads a name as people write theirs: any script, nothing that cannot be seen.</summary>
public static class TypedName
{
    public const string NotAName = "A name has 1 to 60 characters that can be seen.";

    /// <param name="typed">What was typed.</param>
    /// <param name="name">Without blanks around it, when the answer is true.</param>
    public static bool TryRead(string? typed, [NotNullWhen(true)] out string? name)
    {
        name = typed?.Trim();
        if (name is { Length: > 0 and <= User.MaxDisplayName } && IsWellFormed(name) && name.EnumerateRunes().All(IsAllowed) && name.EnumerateRunes().Any(IsSeen)) return true;
        name = null;
        return false;
    }

    // Some scripts, and emoji of families, are spelt with an invisible joiner or its opposite.
    private static bool IsAllowed(Rune c) => c.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(c) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    private static bool IsSeen(Rune c) => !Rune.IsWhiteSpace(c) && c.Value is not (0x200C or 0x200D)
        && Rune.GetUnicodeCategory(c) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark);

    // Half of a pair would be enumerated as the replacement character.
    private static bool IsWellFormed(string text)
    {
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var read) != System.Buffers.OperationStatus.Done) return false;
            rest = rest[read..];
        }
        return true;
    }
}
