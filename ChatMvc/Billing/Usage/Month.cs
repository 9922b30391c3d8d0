using System.Globalization;
using ChatMvc.Shared;

namespace ChatMvc.Billing.Usage;

/// <summary>A month of the calendar. When it begins is a matter of the time zone.</summary>
public readonly record struct Month(int Year, int Number)
{
    /// <summary>In milliseconds, as the running sums have it: the days of every time zone begin at one.</summary>
    public const long Quarter = 15 * 60 * 1_000;

    /// <summary>As addresses have it: <c>2026-11</c>.</summary>
    public static Month? Parse(string? text) =>
        text is { Length: 7 } && DateTime.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) ? Of(first) : null;

    public static Month Of(DateTimeOffset time, TimeZoneInfo zone) => Of(TimeZoneInfo.ConvertTime(time, zone).Date);

    public Month Next => Of(First.AddMonths(1));
    public Month Previous => Of(First.AddMonths(-1));
    public int Days => DateTime.DaysInMonth(Year, Number);

    /// <summary>Such as <c>November 2026</c>.</summary>
    public string Words => First.ToString("MMMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>Such as <c>November</c>.</summary>
    public string Name => First.ToString("MMMM", CultureInfo.InvariantCulture);

    /// <summary>Its first moment in a zone, and that of the next month.</summary>
    public (DateTimeOffset From, DateTimeOffset Until) In(TimeZoneInfo zone) => (Midnight(First, zone), Midnight(Next.First, zone));

    public bool IsBefore(Month other) => First < other.First;

    public override string ToString() => First.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private DateTime First => new(Year, Number, 1);

    private static Month Of(DateTime day) => new(day.Year, day.Month);

    private static DateTimeOffset Midnight(DateTime day, TimeZoneInfo zone) => Times.StartOf(DateOnly.FromDateTime(day), zone);
}
