using System.Text;
using ChatMvc.Shared;

namespace ChatMvc.Accounts.Passwords;

/// <summary>
/// What a new password may be: anything long enough that is not guessed first. Characters are Unicode code points, as NIST
/// SP 800-63B counts them. A password is taken as it was typed: not cut off, folded or trimmed, and not normalized either,
/// for which the runtime would need ICU.
/// </summary>
public sealed class PasswordRules(PasswordSettings settings, SiteSettings site)
{
    public const int MaxLength = 128;
    private const string Advice = "Choose another; a few words in a row do well.";
    private const string Product = "chatmvc";
    /// <summary>Digits of one's own number in a row that give it away.</summary>
    private const int OwnDigits = 6;
    /// <summary>What people put around a word to make it a password, in characters; what is longer is part of it.</summary>
    private const int MaxTrimming = 6;
    /// <summary>Characters that make a word.</summary>
    private const int Word = 3;
    private const string Signs = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    private const string DigitsAndSigns = "0123456789" + Signs;
    private const string Keyboard = "1234567890qwertyuiopasdfghjklzxcvbnm";

    private readonly string[] siteNames = [Squeeze(site.Name.ToLowerInvariant()), Product];

    public int MinLength => settings.MinLength;

    public static bool IsTooLong(string password) => password.Length > 2 * MaxLength || Length(password) > MaxLength;

    /// <summary>What is wrong with a new password, in words; null when nothing is.</summary>
    public string? Refuse(string? password, PhoneNumber own)
    {
        if (string.IsNullOrEmpty(password)) return $"Type a new password of at least {MinLength} characters.";
        if (IsTooLong(password)) return $"Use at most {MaxLength} characters.";
        if (Length(password) is var length && length < MinLength) return $"Use at least {MinLength} characters; these are {length}.";
        if (HoldsDigitsOf(own, password)) return $"Your phone number stands in this password. {Advice}";
        string[] readings = [.. Readings(password.ToLowerInvariant()).Distinct()];
        if (readings.Any(r => siteNames.Contains(Squeeze(r)))) return $"This password is little more than the name of this site. {Advice}";
        if (readings.Any(IsSequence) || Unit(readings[0]).Length < MinLength) return $"This password is a simple sequence or repetition. {Advice}";
        return CommonPasswords.HoldAny(readings) ? $"This password is one of those that are guessed first. {Advice}" : null;
    }

    private static int Length(string password) => password.EnumerateRunes().Count();

    // However it is grouped, in digits of any script, with or without its calling code.
    private static bool HoldsDigitsOf(PhoneNumber own, string password)
    {
        var typed = string.Concat(password.EnumerateRunes().Where(Rune.IsDigit).Select(r => (int)Rune.GetNumericValue(r)));
        var number = own.ToString()[1..];
        return Enumerable.Range(0, number.Length - OwnDigits + 1).Any(at => typed.Contains(number.Substring(at, OwnDigits), StringComparison.Ordinal));
    }

    /// <summary>The whole, the word in it without what was put around it, and the piece that either repeats.</summary>
    private static IEnumerable<string> Readings(string lower)
    {
        var word = Untrimmed(lower);
        return word.Length < Word ? [lower, Unit(lower)] : [lower, Unit(lower), word, Unit(word)];
    }

    /// <summary>Without the digits and signs before and behind.</summary>
    private static string Untrimmed(string lower)
    {
        var start = lower.Length - lower.AsSpan().TrimStart(DigitsAndSigns).Length;
        var end = lower.AsSpan().TrimEnd(DigitsAndSigns).Length;
        if (start >= end) return "";
        var (before, after) = (Extent(lower[..start]), Extent(lower[end..]));
        if (before + after <= MaxTrimming) return lower[start..end];
        if (after <= MaxTrimming) return lower[..end];
        return before <= MaxTrimming ? lower[start..] : lower;
    }

    /// <summary>Characters; a sequence of digits is none.</summary>
    private static int Extent(string trimming)
    {
        var digits = trimming.AsSpan().Trim(Signs).ToString();
        return IsSequence(digits) ? trimming.Length - digits.Length : trimming.Length;
    }

    /// <summary>Whether each character follows the one before, up or down, in the alphabet or on the keyboard, or repeats it.</summary>
    private static bool IsSequence(string text) => text.Zip(text.Skip(1)).All(pair => Math.Abs(pair.First - pair.Second) <= 1
        || Keyboard.IndexOf(pair.First) is var a and >= 0 && Keyboard.IndexOf(pair.Second) is var b and >= 0 && Math.Abs(a - b) == 1);

    /// <summary>The shortest piece that the text repeats, the last time perhaps in part; the text where it repeats none.</summary>
    private static string Unit(string text)
    {
        for (var length = 1; length <= text.Length / 2; length++)
            if (text.AsSpan(length).SequenceEqual(text.AsSpan(0, text.Length - length))) return text[..length];
        return text;
    }

    private static string Squeeze(string text) => text.Replace(" ", "", StringComparison.Ordinal);
}
