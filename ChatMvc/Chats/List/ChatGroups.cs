using System.Globalization;

namespace ChatMvc.Chats.List;

/// <summary>Lines by the day that a person has: today, yesterday, the seven days before, then months.</summary>
public static class ChatGroups
{
    private const int Week = 7;

    /// <summary>Lines that are ordered already, newest first, under their headings.</summary>
    public static IReadOnlyList<ChatGroup> ByDay(IReadOnlyList<ChatLine> lines, DateTimeOffset now, TimeZoneInfo zone)
    {
        var today = DayOf(now, zone);
        var groups = new List<ChatGroup>();
        foreach (var line in lines)
        {
            var heading = Heading(DayOf(line.At, zone), today);
            if (groups is not [.., var last] || last.Heading != heading) groups.Add(last = new ChatGroup(heading, new List<ChatLine>()));
            ((List<ChatLine>)last.Lines).Add(line);
        }
        return groups;
    }

    /// <summary>The clock's time on a day near enough to know, else the day.</summary>
    public static string Time(DateTimeOffset at, DateTimeOffset now, TimeZoneInfo zone)
    {
        var (day, today) = (DayOf(at, zone), DayOf(now, zone));
        if (day >= today.AddDays(-1)) return TimeZoneInfo.ConvertTime(at, zone).ToString("HH:mm", CultureInfo.InvariantCulture);
        return day.ToString(day.Year == today.Year ? "d MMM" : "d MMM yyyy", CultureInfo.InvariantCulture);
    }

    private static string Heading(DateOnly day, DateOnly today)
    {
        // A clock that was set back leaves chats in the future: they are of today.
        if (day >= today) return "Today";
        if (day == today.AddDays(-1)) return "Yesterday";
        if (day >= today.AddDays(-Week)) return "Previous 7 days";
        return day.ToString(day.Year == today.Year ? "MMMM" : "MMMM yyyy", CultureInfo.InvariantCulture);
    }

    private static DateOnly DayOf(DateTimeOffset time, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, zone).DateTime);
}
