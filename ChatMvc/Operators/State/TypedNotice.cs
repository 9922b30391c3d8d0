using System.Text.RegularExpressions;

namespace ChatMvc.Operators.State;

/// <summary>A line for everybody, as an operator typed it.</summary>
public static partial class TypedNotice
{
    public const int MaxLength = 300;

    /// <summary>On one line, without what cannot be seen; null when nothing is left.</summary>
    public static string? Read(string? typed) => Unseen().Replace(typed ?? "", " ").Trim() is { Length: > 0 } words ? words : null;

    // Blanks of every kind, control characters, and marks that turn the direction of what follows.
    [GeneratedRegex(@"[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+")]
    private static partial Regex Unseen();
}
