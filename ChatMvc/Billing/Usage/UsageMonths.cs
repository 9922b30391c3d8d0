using ChatMvc.Accounts;

namespace ChatMvc.Billing.Usage;

/// <summary>The months that a person has pages of: from that of their account to the present one.</summary>
public static class UsageMonths
{
    public static Month First(User person, TimeZoneInfo zone) => Month.Of(person.CreatedAt, zone);

    /// <summary>The month that an address names, the present one where it names none; null when there is no page of it.</summary>
    public static Month? Find(string? typed, User person, TimeZoneInfo zone, TimeProvider time)
    {
        var present = Month.Of(time.GetUtcNow(), zone);
        if (string.IsNullOrEmpty(typed)) return present;
        return Month.Parse(typed) is { } month && !month.IsBefore(First(person, zone)) && !present.IsBefore(month) ? month : null;
    }
}
