using System.Globalization;
using System.Text.RegularExpressions;

namespace ChatMvc.Billing.Usage;

/// <summary>A monthly budget as people type it: <c>5</c>, <c>$5</c>, <c>5.00</c>, <c>5,00</c>, <c>1,000</c>; nothing for none.</summary>
public static partial class TypedBudget
{
    public const int MaxDollars = 100_000;
    private const int MaxTyped = 20;
    private const string NotAnAmount = "Type an amount in US dollars, such as 5 or 7.50, or nothing for no budget.";
    private static readonly string TooMuch = $"A budget can be {MaxDollars.ToString("N0", CultureInfo.InvariantCulture)} dollars at most.";

    /// <summary>Why it cannot be taken; null when it can.</summary>
    public static string? WhyNot(string? text, out Usd? budget)
    {
        budget = null;
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (text.Length > MaxTyped || Amount().Match(text) is not { Success: true } typed) return NotAnAmount;
        var dollars = decimal.Parse(typed.Groups["whole"].Value.Replace(",", "", StringComparison.Ordinal) + "." + typed.Groups["cents"].Value + "0", CultureInfo.InvariantCulture);
        if (dollars > MaxDollars) return TooMuch;
        budget = Usd.RoundedUp(dollars);
        return null;
    }

    // A comma before three digits parts thousands, one before two or one digits the cents.
    [GeneratedRegex(@"^\s*\$?\s*(?<whole>[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,12})([.,](?<cents>[0-9]{1,2}))?\s*(\$|USD)?\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Amount();
}
