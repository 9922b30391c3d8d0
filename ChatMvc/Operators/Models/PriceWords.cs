using System.Globalization;
using ChatMvc.Billing;
using ChatMvc.Completions.Models;

namespace ChatMvc.Operators.Models;

/// <summary>What a model's catalogue entry says, as the operators' pages show it.</summary>
public static class PriceWords
{
    /// <summary>Dollars, exact, such as <c>$0.125</c>.</summary>
    public static string Dollars(decimal dollars) => Usd.RoundedUp(dollars).ToString();

    public static string Dollars(long micros) => new Usd(micros).ToString();

    public static string Day(DateOnly day) => day.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>Such as <c>sees pictures, no temperature</c>.</summary>
    public static string Traits(bool images, bool temperature) => $"{(images ? "sees pictures" : "no pictures")}, {(temperature ? "temperature" : "no temperature")}";

    /// <summary>Where what is known of a model comes from.</summary>
    /// <param name="entry">What is known.</param>
    /// <param name="file">The catalogue's file.</param>
    public static string Source(ModelEntry entry, string file) => entry.IsOwn ? "your entry" : ReferenceEquals(entry, ModelEntry.Unknown) ? "not known" : file;
}
