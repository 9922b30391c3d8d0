using System.Globalization;

namespace ChatMvc.Billing.Usage;

/// <summary>
/// The days of a month as columns: their cost, or where nothing has a cost, their answers. Across in percent, so that the
/// writing keeps its size on every screen; down in pixels.
/// </summary>
public sealed class DayChart
{
    public const int Height = 168;
    private const int Top = 26, Base = 140; // pixels
    private const double Thickness = 0.62; // of a day's place
    private const int LeastHeight = 2; // pixels, of what is not nothing

    private readonly UsageReport report;
    private readonly bool byCost;
    private readonly long most;

    public DayChart(UsageReport report)
    {
        this.report = report;
        byCost = report.Total.Micros > 0;
        most = Math.Max(1, report.Days.Max(Value));
    }

    /// <param name="Says">What the reader hears of it under the pointer.</param>
    public sealed record Column(string X, string Width, int Y, int Height, string Says);

    /// <param name="Anchor">As SVG has it: where the text stands to its place.</param>
    public sealed record Label(string X, int Y, string Anchor, string Text);

    public IEnumerable<Column> Columns => report.Days.Select((day, i) => (Value: Value(day), Figures: day, Day: i + 1)).Where(d => d.Figures != default)
        .Select(d => new Column(Percent(d.Day - 0.5 - Thickness / 2), Percent(Thickness), Base - HeightOf(d.Value), HeightOf(d.Value),
            $"{d.Day} {report.Month.Name}: {UsageWords.Cost(d.Figures)}, {UsageWords.Answers(d.Figures.Answers)}"));

    /// <summary>The first day, every seventh after it, the last, and the highest column's own number.</summary>
    public IEnumerable<Label> Labels
    {
        get
        {
            for (var day = 1; day < report.Month.Days - 2; day += 7) yield return Foot(day);
            yield return Foot(report.Month.Days);
            var (highest, index) = report.Days.Select((d, i) => (Value(d), i)).MaxBy(d => d.Item1);
            if (highest == 0) yield break;
            var text = byCost ? UsageWords.Brief(new Usd(highest)) : UsageWords.Count(highest);
            var (x, anchor) = (index + 1) switch
            {
                <= 2 => ("0", "start"),
                var day when day >= report.Month.Days - 1 => ("100%", "end"),
                var day => (Percent(day - 0.5), "middle"),
            };
            yield return new Label(x, Base - HeightOf(highest) - 8, anchor, text);
        }
    }

    public static int Ground => Base;

    private Label Foot(int day) => new(Percent(day - 0.5), Height - 6, "middle", day.ToString(CultureInfo.InvariantCulture));

    private long Value(UsageFigures day) => byCost ? day.Micros : day.Answers;

    private int HeightOf(long value) => value <= 0 ? LeastHeight : Math.Max(LeastHeight, (int)Math.Round((Base - Top) * (double)value / most));

    private string Percent(double days) => (days * 100 / report.Month.Days).ToString("0.##", CultureInfo.InvariantCulture) + "%";
}
