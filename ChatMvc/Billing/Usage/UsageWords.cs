using System.Globalization;

namespace ChatMvc.Billing.Usage;

/// <summary>Figures as people read them.</summary>
public static class UsageWords
{
    /// <summary>As many digits as one cares for: <c>$1.24</c>, <c>$0.0831</c>, <c>$0.000012</c>.</summary>
    public static string Brief(Usd cost)
    {
        var digits = cost.Micros switch { >= 10 * Usd.MicrosPerCent => 2, >= Usd.MicrosPerCent / 10 => 4, _ => 6 };
        return Math.Round(cost.Dollars, digits).ToString("$#,##0.00####", CultureInfo.InvariantCulture);
    }

    /// <summary>What some requests cost, with what is not known of it said.</summary>
    public static string Cost(UsageFigures figures) => figures switch
    {
        { Unknown: > 0, Micros: 0 } => "unknown",
        { Unknown: > 0 } => $"{About(figures)} and {figures.Unknown:N0} unknown",
        _ => About(figures),
    };

    /// <summary>Such as <c>9,999</c>, <c>304k</c>, <c>1.2M</c>.</summary>
    public static string Compact(long count) => count switch
    {
        < 10_000 => Count(count),
        < 999_500 => Math.Round(count / 1e3).ToString("0", CultureInfo.InvariantCulture) + "k",
        < 999_500_000 => (count / 1e6).ToString(count < 9_950_000 ? "0.0" : "0", CultureInfo.InvariantCulture) + "M",
        _ => (count / 1e9).ToString("0.0", CultureInfo.InvariantCulture) + "bn",
    };

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Answers(long count) => count == 1 ? "1 answer" : Count(count) + " answers";

    /// <summary>Such as <c>1st</c>, <c>12th</c>.</summary>
    public static string Ordinal(int day) => day + (day is >= 11 and <= 13 ? "th" : (day % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" });

    /// <summary>What the chart of the days says, in one line.</summary>
    public static string Finding(UsageReport report)
    {
        var name = report.Month.Name;
        if (report.IsEmpty) return $"Nothing used in {name}";
        var byCost = report.Total.Micros > 0;
        var whole = byCost ? $"{(report.Total.Estimates > 0 ? "About " : "")}{Brief(report.Total.Cost)} in {name}"
            : report.Total.Unknown > 0 ? $"{Answers(report.Total.Answers)} in {name}, at unknown prices" : $"{Answers(report.Total.Answers)} in {name}";
        var used = report.Days.Count(d => d != default);
        var (most, day) = report.Days.Select((d, i) => (Value: byCost ? d.Micros : d.Answers, Day: i + 1)).MaxBy(d => d.Value);
        var all = byCost ? report.Total.Micros : report.Total.Answers;
        return used == 1 ? $"{whole}, all of it on the {Ordinal(day)}"
            : most * 2 > all ? $"{whole}, most of it on the {Ordinal(day)}"
            : $"{whole}, on {used} days";
    }

    /// <summary>What the bars of the models say.</summary>
    public static string ModelFinding(UsageReport report) => report.Models switch
    {
        [] => "Titles, summaries and failures alone",
        [var only] => $"All answers by {only.Model}",
        [var first, var second, ..] when first.Figures.Micros > second.Figures.Micros => $"{first.Model} cost the most",
        [var first, ..] => $"{first.Model} answered the most",
    };

    /// <summary>What the bars of the chats say.</summary>
    public static string ChatFinding(UsageReport report) => report.Chats switch
    {
        [{ Title: { } title }] => $"All in “{title}”",
        [{ Title: { } title, Figures: var first }, var second, ..] when first.Micros > second.Figures.Micros => $"“{title}” cost the most",
        _ => "Chat by chat",
    };

    private static string About(UsageFigures figures) => (figures.Estimates > 0 ? "about " : "") + Brief(figures.Cost);
}
