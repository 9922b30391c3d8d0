using System.Globalization;
using System.Text.RegularExpressions;
using ChatMvc.Billing;
using ChatMvc.Completions.Models;

namespace ChatMvc.Operators.Models;

/// <summary>A field that cannot be taken, and why, in words that name it.</summary>
public sealed record Wrong(string Field, string Why);

/// <summary>A catalogue entry as somebody typed it.</summary>
public sealed partial record TypedEntry(string Pattern, string Window, string MaxOutput, string Images, string Temperature)
{
    private const int LeastWindow = 256;
    private const int MostWindow = 10_000_000;
    private const int LeastOutput = 16;

    public static TypedEntry Of(string pattern, ModelTraits traits) =>
        new(pattern, Digits(traits.Window), Digits(traits.MaxOutput), YesNo(traits.Images), YesNo(traits.Temperature));

    public static TypedEntry Of(IFormCollection form) =>
        new(Typed(form, "pattern"), Typed(form, "window"), Typed(form, "maxOutput"), Typed(form, "images"), Typed(form, "temperature"));

    public Wrong? Read(out ModelTraits traits)
    {
        traits = new(0, 0, Images == "yes", Temperature == "yes");
        if (!IsPattern().IsMatch(Pattern))
            return new("pattern", $"The pattern is a model’s id of at most {ModelList.MaxIdLength} characters; * stands for any. Letters, digits and . _ : / @ + - are taken.");
        if (!Whole(Window, LeastWindow, MostWindow, out var window)) return new("window", $"The window is a number of tokens, {LeastWindow:N0} to {MostWindow:N0}.");
        if (!Whole(MaxOutput, LeastOutput, window, out var most)) return new("maxOutput", $"The longest answer is a number of tokens, {LeastOutput} to the window’s {window:N0}.");
        traits = traits with { Window = window, MaxOutput = most };
        return null;
    }

    internal static string Typed(IFormCollection form, string name) => form[name].ToString().Trim();

    private static bool Whole(string typed, int least, int most, out int number) =>
        int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;

    private static string Digits(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string YesNo(bool whether) => whether ? "yes" : "no";

    [GeneratedRegex(@"^[A-Za-z0-9._:/@+*-]{1,100}\z")]
    private static partial Regex IsPattern();
}

/// <summary>A price as somebody typed it: dollars per million tokens. What is left empty costs what input does.</summary>
public sealed partial record TypedPrice(string From, string Input, string CachedInput, string CacheWrite, string Output)
{
    private const int MostDollars = 10_000;
    private const int MostYears = 5;

    public static TypedPrice Of(IFormCollection form) => new(
        TypedEntry.Typed(form, "from"), TypedEntry.Typed(form, "input"), TypedEntry.Typed(form, "cachedInput"), TypedEntry.Typed(form, "cacheWrite"), TypedEntry.Typed(form, "output"));

    public Wrong? Read(DateOnly today, out DateOnly from, out TokenPrice price)
    {
        price = default;
        if (!DateOnly.TryParseExact(From, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out from) || from > today.AddYears(MostYears))
            return new("from", $"The first day is a date such as {today:yyyy-MM-dd}, at most {MostYears} years ahead.");
        if (from < today) return new("from", "The first day is today or later: what was charged until now stays as it was.");
        if (!Dollars(Input, out var input)) return NoDollars("input", "The price of input");
        if (!Dollars(CachedInput.Length == 0 ? Input : CachedInput, out var cached)) return NoDollars("cachedInput", "The price of cached input");
        // What is held for an answer counts on it.
        if (cached > input) return new("cachedInput", "Cached input costs at most what input does.");
        if (!Dollars(CacheWrite.Length == 0 ? Input : CacheWrite, out var write)) return NoDollars("cacheWrite", "The price of writing to the cache");
        if (!Dollars(Output, out var output)) return NoDollars("output", "The price of output");
        price = new(input, cached, write, output);
        return null;
    }

    private static Wrong NoDollars(string field, string what) =>
        new(field, $"{what} is a number of dollars for a million tokens such as 2.50, at most {MostDollars:N0} and with at most 6 decimals.");

    private static bool Dollars(string typed, out long micros)
    {
        micros = 0;
        if (!IsDollars().IsMatch(typed)) return false;
        micros = (long)(decimal.Parse(typed, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * Usd.MicrosPerDollar);
        return micros <= MostDollars * Usd.MicrosPerDollar;
    }

    [GeneratedRegex(@"^[0-9]{1,5}(\.[0-9]{1,6})?\z")]
    private static partial Regex IsDollars();
}
