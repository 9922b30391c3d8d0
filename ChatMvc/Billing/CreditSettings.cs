using System.ComponentModel.DataAnnotations;
using System.Globalization;
using ChatMvc.Shared;

namespace ChatMvc.Billing;

[Section("Credit")]
public sealed class CreditSettings
{
    private const decimal Least = 1, Most = 10_000;

    /// <summary>Prepaid amounts offered, in US dollars.</summary>
    [DollarAmounts]
    public string[] TopUps { get; set; } = ["5", "10", "25", "50"];
    /// <summary>Price of credit use over the upstream's.</summary>
    [Range(typeof(decimal), "0.01", "100", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true)]
    public decimal Markup { get; set; } = 1.0m;

    /// <summary>US cents, as they are offered.</summary>
    public IReadOnlyList<long> TopUpCents => [.. TopUps.Select(t => CentsOf(t)!.Value)];

    /// <summary>Null for what is no amount that can be bought.</summary>
    public static long? CentsOf(string? dollars) =>
        decimal.TryParse(dollars, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount is >= Least and <= Most && amount * 100 % 1 == 0
            ? (long)(amount * 100) : null;

    private sealed class DollarAmountsAttribute : ValidationAttribute
    {
        private const int MaxOffered = 12;

        public override bool IsValid(object? value) => value is string[] { Length: > 0 and <= MaxOffered } amounts
            && Array.TrueForAll(amounts, a => CentsOf(a) is not null) && amounts.Distinct().Count() == amounts.Length;

        public override string FormatErrorMessage(string name) => $"{name} has to list 1 to {MaxOffered} different amounts of {Least} to {Most} US dollars.";
    }
}
