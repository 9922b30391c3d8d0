namespace ChatMvc.Bench;

/// <summary>The few words of statistics that the figures are told in.</summary>
internal static class Statistics
{
    public static double Median(this IEnumerable<double> values) => values.Percentile(50);

    /// <summary>Between the two nearest values in proportion, so that the median of an even number is their middle.</summary>
    public static double Percentile(this IEnumerable<double> values, double percent)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0) throw new InvalidOperationException("Nothing was measured.");
        var place = (sorted.Length - 1) * percent / 100;
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
    }
}
