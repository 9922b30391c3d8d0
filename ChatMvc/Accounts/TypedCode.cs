using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ChatMvc.Accounts;

/// <summary>Reads a code as people type and paste it.</summary>
public static class TypedCode
{
    /// <summary>Of the field, in characters: six digits and what people put between them.</summary>
    public const int MaxInput = 20;
    public const string NotSixDigits = "The code has six digits.";

    /// <summary>Spaces, dashes, brackets and full-width digits are typing habits, and invisible marks come with what is pasted.</summary>
    public static bool TryRead(string? typed, [NotNullWhen(true)] out string? digits)
    {
        digits = null;
        if (typed is not { Length: > 0 and <= MaxInput }) return false;
        var read = new StringBuilder(OneTimeCode.Digits);
        foreach (var c in typed)
        {
            if (char.IsAsciiDigit(c)) read.Append(c);
            else if (c is >= '\uff10' and <= '\uff19') read.Append((char)(c - '\uff10' + '0'));
            else if (!IsBetweenDigits(c)) return false;
        }
        if (read.Length != OneTimeCode.Digits) return false;
        digits = read.ToString();
        return true;
    }

    // The last two: the minus sign, and the mark that a Japanese keyboard has where others have the dash.
    private static bool IsBetweenDigits(char c) =>
        char.IsWhiteSpace(c) || char.IsPunctuation(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format || c is '\u2212' or '\u30fc';
}
