using System.Globalization;

namespace ChatMvc.Shared;

/// <summary>Times as people read them, in their own zone.</summary>
public static class Times
{
    /// <summary>A zone by its IANA name; UTC when it is unknown.</summary>
    public static TimeZoneInfo Zone(string? name) =>
        name is not null && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>Such as <c>20 Nov, 16:40</c>: never relative, so that a page and a stream say the same.</summary>
    public static string Stamp(DateTimeOffset time, TimeZoneInfo zone) => Format(TimeZoneInfo.ConvertTime(time, zone), "d MMM, HH:mm");

    /// <summary>Such as <c>today at 16:40</c> or <c>on 21 Nov at 09:05</c>.</summary>
    public static string Moment(DateTimeOffset time, DateTimeOffset now, TimeZoneInfo zone)
    {
        var (then, today) = (TimeZoneInfo.ConvertTime(time, zone), TimeZoneInfo.ConvertTime(now, zone).Date);
        var day = then.Date == today ? "today" : then.Date == today.AddDays(1) ? "tomorrow" : "on " + Format(then, "d MMM");
        return $"{day} at {Format(then, "HH:mm")}";
    }

    /// <summary>Such as <c>20 Nov 2026</c>.</summary>
    public static string Day(DateTimeOffset time, TimeZoneInfo zone) => Format(TimeZoneInfo.ConvertTime(time, zone), "d MMM yyyy");

    /// <summary>Where clocks are put forward at midnight, a day begins later; where they are put back over it, with the earlier of the two.</summary>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var start = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(start)) start += ClockStep;
        return new DateTimeOffset(start, zone.IsAmbiguousTime(start) ? zone.GetAmbiguousTimeOffsets(start).Max() : zone.GetUtcOffset(start));
    }

    /// <summary>A span as in "every day" or "in any 36 hours".</summary>
    public static string InWords(TimeSpan span) => span switch
    {
        _ when span == TimeSpan.FromDays(1) => "day",
        _ when span == TimeSpan.FromHours(1) => "hour",
        { TotalHours: >= 48 } => $"{span.TotalDays:0.#} days",
        { TotalMinutes: >= 120 } => $"{span.TotalHours:0.#} hours",
        { TotalSeconds: >= 120 } => $"{span.TotalMinutes:0.#} minutes",
        _ => $"{span.TotalSeconds:0} seconds",
    };

    /// <summary>For the <c>datetime</c> attribute.</summary>
    public static string Machine(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>Clocks are put forward and back by multiples of this.</summary>
    private static readonly TimeSpan ClockStep = TimeSpan.FromMinutes(15);

    private static string Format(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
