using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ChatMvc.Accounts;

/// <summary>A telephone number in E.164: a plus sign and 8 to 15 digits, the first not zero.</summary>
public readonly record struct PhoneNumber
{
    private const int MinDigits = 8;
    private const int MaxDigits = 15;
    private const string NorthAmerica = "1";
    /// <summary>What a form field may hold, spaces and dashes included, in characters.</summary>
    public const int MaxInput = 40;

    private readonly string? e164;

    private PhoneNumber(string e164) => this.e164 = e164;

    /// <summary>
    /// Reads what people type: spaces, dashes, dots, slashes and brackets between digits, full-width digits,
    /// <c>+</c> or <c>00</c> (in North America <c>011</c>) before the calling code, <c>(0)</c> after it. Without one, the
    /// default region's calling code is put in front, and a leading trunk zero falls away.
    /// </summary>
    /// <param name="text">The typed number.</param>
    /// <param name="defaultCallingCode">Digits only, for example <c>1</c> or <c>49</c>.</param>
    /// <param name="number">The number, when the answer is true.</param>
    public static bool TryParse(string? text, string defaultCallingCode, [NotNullWhen(true)] out PhoneNumber? number)
    {
        number = null;
        if (text is null || text.Length > MaxInput || !TryReadDigits(text, out var digits, out var international)) return false;
        if (!international) digits = Internationally(digits, defaultCallingCode);
        if (digits.Length is < MinDigits or > MaxDigits || digits[0] == '0') return false;
        number = new PhoneNumber("+" + digits);
        return true;
    }

    /// <summary>A number that is in E.164 already, as stored or configured.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static PhoneNumber Parse(string e164) =>
        e164.StartsWith('+') && TryParse(e164, "", out var number) && number.Value.e164 == e164
            ? number.Value
            : throw new FormatException("Not a phone number in E.164, such as +15550100.");

    /// <summary>Whether the number begins with one of these calling codes; <c>*</c> stands for all.</summary>
    public bool IsIn(IEnumerable<string> callingCodes)
    {
        var digits = ToString()[1..];
        return callingCodes.Any(code => code == "*" || digits.StartsWith(code, StringComparison.Ordinal));
    }

    /// <summary>The number with all but its last four digits hidden, for a page that confirms where a code went.</summary>
    public string Masked => string.Concat(ToString().AsSpan(0, 2), " ··· ", ToString().AsSpan(ToString().Length - 4));

    /// <summary>What was typed, no longer than its field, for the form that comes back.</summary>
    public static string Shown(string? typed) => typed is { Length: > MaxInput } ? typed[..MaxInput] : typed ?? "";

    public override string ToString() => e164 ?? throw new InvalidOperationException("An empty phone number.");

    private static bool TryReadDigits(string text, out string digits, out bool international)
    {
        var read = new StringBuilder(text.Length);
        international = false;
        digits = "";
        foreach (var c in WithoutBracketedZero(string.Concat(text.Select(Narrow)).Trim()))
        {
            if (char.IsAsciiDigit(c)) read.Append(c);
            else if (c == '+' && read.Length == 0 && !international) international = true;
            else if (!IsSeparator(c)) return false;
        }
        digits = read.ToString();
        return true;
    }

    // Full-width forms of ASCII, as Japanese and Chinese keyboards type them. Normalization needs ICU, which is not loaded.
    private static char Narrow(char c) => c is >= '\uff01' and <= '\uff5e' ? (char)(c - '\uff01' + '!') : c;

    // "+44 (0)20": the zero is for callers at home.
    private static string WithoutBracketedZero(string text) =>
        text.StartsWith('+') || text.StartsWith("00", StringComparison.Ordinal) ? text.Replace("(0)", "", StringComparison.Ordinal) : text;

    // Spaces of all widths, dashes that phones and word processors put into copied numbers, and marks that turn their direction.
    private static bool IsSeparator(char c) =>
        c is '-' or '.' or '/' or '(' or ')' or '\u00ad' or '\u2060' or '\u200b' or '\u200e' or '\u200f'
        || c is >= '\u2010' and <= '\u2015' or '\u2212' or '\u30fc' or >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069'
        || char.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator;

    private static string Internationally(string digits, string callingCode)
    {
        if (digits.StartsWith("00", StringComparison.Ordinal)) return digits[2..];
        if (callingCode != NorthAmerica) return callingCode + (digits.StartsWith('0') ? digits[1..] : digits);
        if (digits.StartsWith("011", StringComparison.Ordinal)) return digits[3..];
        return digits.Length == 11 && digits[0] == '1' ? digits : NorthAmerica + digits;
    }
}
