using System.Globalization;
using ChatMvc.Jobs;

namespace ChatMvc.Operators.Jobs;

/// <summary>
/// The last hours as columns, what failed on top. Across in percent, so that the writing keeps its size on every screen;
/// down in pixels.
/// </summary>
public sealed class JobChart(IReadOnlyList<JobHour> hours, TimeZoneInfo zone)
{
    public const int Height = 148;
    public const int Ground = 122;
    private const int Top = 24; // pixels
    private const double Thickness = 0.68; // of an hour's place
    private const int LeastHeight = 2; // pixels, of what is not nothing
    private const int LabelEvery = 6; // hours

    private readonly int most = Math.Max(1, hours.Max(h => h.All));

    public IReadOnlyList<JobHour> Hours => hours;

    /// <param name="Says">What the reader hears of it under the pointer.</param>
    public sealed record Column(string X, string Width, int Y, int Height, bool IsFailed, string Says);

    /// <param name="Anchor">As SVG has it: where the text stands to its place.</param>
    public sealed record Label(string X, int Y, string Anchor, string Text);

    public IEnumerable<Column> Columns => hours.Select((hour, i) => (hour, i)).Where(h => h.hour.All > 0).SelectMany(h => Of(h.hour, h.i));

    public IEnumerable<Label> Labels
    {
        get
        {
            for (var i = 0; i < hours.Count; i += LabelEvery) yield return new Label(Percent(i + 0.5), Height - 6, "middle", From(hours[i]));
            var (highest, index) = hours.Select((h, i) => (h.All, i)).MaxBy(h => h.All);
            if (highest == 0) yield break;
            var (x, anchor) = index < 2 ? ("0", "start") : index >= hours.Count - 2 ? ("100%", "end") : (Percent(index + 0.5), "middle");
            yield return new Label(x, Ground - HeightOf(highest) - 8, anchor, JobWords.Count(highest));
        }
    }

    public string From(JobHour hour) => TimeZoneInfo.ConvertTime(hour.From, zone).ToString("HH:mm", CultureInfo.InvariantCulture);

    private IEnumerable<Column> Of(JobHour hour, int i)
    {
        var says = $"From {From(hour)}: {JobWords.Jobs(hour.All)}, {JobWords.Count(hour.Failed)} failed, {JobWords.Count(hour.Cancelled)} cancelled";
        var (all, failed) = (HeightOf(hour.All), hour.Failed == 0 ? 0 : HeightOf(hour.Failed));
        var (x, width) = (Percent(i + 0.5 - Thickness / 2), Percent(Thickness));
        if (all > failed) yield return new Column(x, width, Ground - all + failed, all - failed, IsFailed: false, says);
        if (failed > 0) yield return new Column(x, width, Ground - all, failed, IsFailed: true, says);
    }

    private int HeightOf(int value) => Math.Max(LeastHeight, (int)Math.Round((Ground - Top) * (double)value / most));

    private string Percent(double place) => (place * 100 / hours.Count).ToString("0.##", CultureInfo.InvariantCulture) + "%";
}
