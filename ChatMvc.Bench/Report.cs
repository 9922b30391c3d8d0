using System.Text;
using ChatMvc.Bench.Figures;

namespace ChatMvc.Bench;

/// <summary>The one table, in Markdown, with what is needed to judge it around it.</summary>
internal static class Report
{
    public static string Write(IReadOnlyList<(Figure Figure, Readings Readings)> measured, IReadOnlyList<string> machine)
    {
        var text = new StringBuilder();
        foreach (var line in machine) text.Append(line).Append('\n');
        text.Append("\n| figure | target | peers' best | median of runs | spread (min–max over runs) | met? |\n|---|---|---|---|---|---|\n");
        foreach (var (figure, readings) in measured)
            foreach (var goal in figure.Goals) text.Append(Row(goal, readings)).Append('\n');
        text.Append('\n');
        foreach (var (figure, readings) in measured)
        {
            foreach (var note in readings.Notes) text.Append("- ").Append(figure.Name).Append(": ").Append(note).Append('\n');
            if (readings.Failure is { } failure) text.Append("- ").Append(figure.Name).Append(" FAILED: ").Append(failure).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>Whether everything was measured and every target met.</summary>
    public static bool IsAllMet(IEnumerable<(Figure Figure, Readings Readings)> measured) => measured.All(m =>
        m.Readings.Failure is null && m.Figure.Goals.All(g => m.Readings.Of(g) is { Count: > 0 } values && g.IsMetBy(values.Median()) != false));

    private static string Row(Goal goal, Readings readings)
    {
        var values = readings.Of(goal);
        if (values.Count == 0) return $"| {goal.Words} | {goal.Target} | {goal.Peers} | not measured | | no |";
        var median = values.Median();
        var met = goal.IsMetBy(median) switch { true => "yes", false => "**no**", null => "–" };
        return $"| {goal.Words} | {goal.Target} | {goal.Peers} | {goal.Format(median)} | {goal.Number(values.Min())}–{goal.Number(values.Max())} ({values.Count}) | {met} |";
    }
}
