using System.Globalization;

namespace ChatMvc.Billing.Usage;

/// <summary>A table of figures, each row with a bar that says its share.</summary>
/// <param name="Caption">For those who do not see where it stands.</param>
/// <param name="Of">What the rows are.</param>
/// <param name="Rows">In the order shown.</param>
/// <param name="HasBars">Whether the rows are drawn, too.</param>
public sealed record UsageTable(string Caption, string Of, IReadOnlyList<UsageRow> Rows, bool HasBars = true)
{
    /// <summary>How long a row's bar is, as SVG has it: against the longest.</summary>
    public string Width(UsageRow row)
    {
        var byCost = Rows.Any(r => r.Figures.Micros > 0);
        var most = Math.Max(1, Rows.Max(Value));
        return (100.0 * Value(row) / most).ToString("0.#", CultureInfo.InvariantCulture) + "%";

        long Value(UsageRow r) => byCost ? r.Figures.Micros : r.Figures.Answers;
    }

    public static UsageTable Days(UsageReport report) => new($"{report.Month.Words} by day", "Day",
        [.. report.Days.Select((day, i) => new UsageRow($"{i + 1} {report.Month.Name}", null, day)).Where(r => r.Figures != default)], HasBars: false);

    public static UsageTable Models(UsageReport report) => new($"{report.Month.Words} by model", "Model",
        [.. report.Models.Select(m => new UsageRow(m.Model, null, m.Figures)),
            .. report.Asides == default ? (UsageRow[])[] : [new UsageRow("Titles, summaries and failures", null, report.Asides)]]);

    public static UsageTable Chats(UsageReport report) => new($"{report.Month.Words} by chat", "Chat",
        [.. report.Chats.Select(c => new UsageRow(c.Title ?? "Deleted chat", c.Key is null ? null : $"/chats/{c.Key}", c.Figures))]);
}

/// <param name="Name">What it is of.</param>
/// <param name="Url">Where that is; null when there is no page of it.</param>
/// <param name="Figures">Of it alone.</param>
public sealed record UsageRow(string Name, string? Url, UsageFigures Figures);
