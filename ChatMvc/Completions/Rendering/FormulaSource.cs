using System.Buffers;

namespace ChatMvc.Completions.Rendering;

/// <summary>
/// Finds formulas as models write them: <c>\(…\)</c> and <c>$…$</c> within a line, <c>\[…\]</c> and <c>$$…$$</c> on lines of
/// their own. A formula holds no empty line and no backtick, so that one without an end takes no more than its paragraph with
/// it, and never code.
/// </summary>
internal static class FormulaSource
{
    /// <summary>UTF-16 units, delimiters and all; what is longer stays text.</summary>
    public const int Longest = 2_000;

    /// <summary>Of a formula whose end may still come.</summary>
    public const int Undecided = -1;

    private const int None = 0;

    // One of them tells a formula from brackets that were escaped, and from two dollars that mean dollars.
    private static readonly SearchValues<char> Signs = SearchValues.Create("\\^_=+<>{");

    /// <summary>How many UTF-16 units the formula takes that begins there, <see cref="Undecided"/>, or 0 where none does.</summary>
    public static int LengthAt(ReadOnlySpan<char> text, int at)
    {
        if (Opener(text, at) is not { Length: > 0 } opener) return None;
        if (at + opener.Length == text.Length) return Undecided;

        var rest = text[at..];
        var length = opener[0] == '$' ? LengthOfDollars(rest, opener.Length) : LengthOfBrackets(rest, opener == "\\(" ? ')' : ']');
        if (length == Undecided) return rest.Length < Longest && !IsAmount(rest[opener.Length..], opener) ? Undecided : None;
        return length is > None and <= Longest && IsFormula(rest[..length], opener) ? length : None;
    }

    /// <summary>Whether it stands on lines of its own when nothing else does on them.</summary>
    public static bool IsDisplay(ReadOnlySpan<char> formula) => formula.StartsWith("\\[") || formula.StartsWith("$$");

    private static string Opener(ReadOnlySpan<char> text, int at)
    {
        var next = at + 1 < text.Length ? text[at + 1] : '\0';
        if (text[at] == '\\') return next switch { '(' => "\\(", '[' => "\\[", _ => "" };
        if (text[at] != '$' || (at > 0 && (char.IsLetterOrDigit(text[at - 1]) || text[at - 1] == '$'))) return "";
        if (next != '$') return char.IsWhiteSpace(next) ? "" : "$";
        return at + 2 < text.Length && text[at + 2] == '$' ? "" : "$$";
    }

    private static int LengthOfBrackets(ReadOnlySpan<char> text, char close)
    {
        for (var i = 2; i < Math.Min(text.Length, Longest); i++)
        {
            if (text[i] == '`' || (text[i] == '\n' && IsEmptyLine(text[(i + 1)..]))) return None;
            if (text[i] != '\\' || i + 1 == text.Length) continue;
            if (text[i + 1] == close) return i + 2 < text.Length && text[i + 2] == '(' && close == ']' ? None : i + 2;
            if (text[i + 1] is '(' or '[') return None;
            if (text[i + 1] == '\\') i++;
        }

        return Undecided;
    }

    private static int LengthOfDollars(ReadOnlySpan<char> text, int dollars)
    {
        for (var i = dollars; i < Math.Min(text.Length, Longest); i++)
        {
            if (text[i] == '`' || (text[i] == '\n' && (dollars == 1 || IsEmptyLine(text[(i + 1)..])))) return None;
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] != '\n') i++;
            else if (text[i] == '$' && dollars == 1) return MayClose(text, i) ? i + 1 : None;
            else if (text[i] == '$' && i + 1 < text.Length && text[i + 1] == '$') return i + 2;
        }

        return Undecided;
    }

    // "$5 or $10" has a space before the second, "$5-$10" and "$HOME/$USER" have something behind it.
    private static bool MayClose(ReadOnlySpan<char> text, int at) =>
        !char.IsWhiteSpace(text[at - 1]) && (at + 1 == text.Length || !(char.IsLetterOrDigit(text[at + 1]) || text[at + 1] == '$'));

    // Also the marks of the quotes around it.
    private static bool IsEmptyLine(ReadOnlySpan<char> text) =>
        text.IndexOf('\n') is var end and >= 0 && text[..end].Trim(" \t>").IsEmpty;

    private static bool IsFormula(ReadOnlySpan<char> formula, string opener)
    {
        var inner = formula[opener.Length..^opener.Length].Trim();
        return opener switch
        {
            "\\(" => !inner.IsEmpty,
            "$" => !IsAmount(inner, opener) && HasWord(inner),
            "\\[" => inner.ContainsAny(Signs) || (formula.Contains('\n') && HasWord(inner)),
            _ => inner.ContainsAny(Signs) || (formula[2..^2].Length == inner.Length && !inner.Contains(' ') && HasWord(inner)),
        };
    }

    private static bool HasWord(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (char.IsLetterOrDigit(c) || c == '\\')
                return true;
        return false;
    }

    // "$5 or 10$": a number that words follow.
    private static bool IsAmount(ReadOnlySpan<char> inner, string opener)
    {
        if (opener != "$" || inner.IsEmpty || !char.IsAsciiDigit(inner[0])) return false;
        var after = inner.TrimStart("0123456789.,");
        var words = after.TrimStart(" .,;:!?)/–-");
        return words.Length < after.Length && words.Length > 1 && char.IsLetter(words[0]) && char.IsLetter(words[1]);
    }
}
