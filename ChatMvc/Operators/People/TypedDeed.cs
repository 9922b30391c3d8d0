using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;

namespace ChatMvc.Operators.People;

/// <summary>Reads what operators type to say what they want, and why.</summary>
internal static class TypedDeed
{
    public const int MaxReason = LedgerEntry.MaxReason;
    public const int MaxAmount = 20;
    /// <summary>US dollars that one adjustment moves at most: a slip of the finger is not to cost more.</summary>
    public const int MostDollars = 1_000;
    /// <summary>For how long Pro is given at most.</summary>
    public const int MostYears = 5;
    public const string NotAReason = "Say why, in at most 200 characters.";
    public static readonly string NotAnAmount = $"Type an amount in US dollars, such as 5 or 7.50, and {MostDollars.ToString("N0", CultureInfo.InvariantCulture)} at most.";

    /// <param name="typed">In one line.</param>
    /// <param name="reason">Without blanks around it.</param>
    public static bool TryReadReason(string? typed, [NotNullWhen(true)] out string? reason)
    {
        reason = typed?.Trim();
        if (reason is { Length: > 0 and <= MaxReason } && !reason.Any(char.IsControl)) return true;
        reason = null;
        return false;
    }

    /// <param name="typed">To the cent.</param>
    /// <param name="amount">Above zero.</param>
    public static bool TryReadAmount(string? typed, out Usd amount)
    {
        amount = Usd.Zero;
        if (typed is null or { Length: > MaxAmount }) return false;
        if (!decimal.TryParse(typed.Trim().TrimStart('$'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var dollars)) return false;
        if (dollars is <= 0 or > MostDollars || dollars * 100 % 1 != 0) return false;
        amount = Usd.RoundedUp(dollars);
        return true;
    }

    /// <param name="typed">As date fields have it: <c>2026-12-31</c>.</param>
    /// <param name="today">The earliest.</param>
    /// <param name="day">When the answer is true.</param>
    public static bool TryReadDay(string? typed, DateOnly today, out DateOnly day) =>
        DateOnly.TryParseExact(typed, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day) && day >= today && day <= today.AddYears(MostYears);
}

/// <summary>What is asked before a deed is done: its form once more, with everything that was typed.</summary>
/// <param name="Deed">The handler.</param>
/// <param name="Words">What will be, in one or two sentences.</param>
/// <param name="Button">A verb.</param>
/// <param name="IsGrave">Whether it takes something away.</param>
/// <param name="Fields">Of the form.</param>
public sealed record Question(string Deed, string Words, string Button, bool IsGrave, params IReadOnlyList<(string Name, string Value)> Fields);

/// <summary>The field that asks why.</summary>
/// <param name="Deed">Whose form it is in.</param>
/// <param name="Label">Above it.</param>
/// <param name="Typed">What stands in it.</param>
/// <param name="Hint">Who reads it.</param>
public sealed record ReasonField(string Deed, string Label, string? Typed, string Hint);
