namespace ChatMvc.Accounts.Manage;

/// <summary>The zones of one part of the world, for a list to choose from.</summary>
/// <param name="Region">As the names begin, such as <c>Europe</c>.</param>
/// <param name="Zones">IANA names.</param>
public sealed record ZoneRegion(string Region, IReadOnlyList<string> Zones);

/// <summary>The time zones that this machine knows by their IANA names.</summary>
public static class TimeZoneChoice
{
    private const int MaxName = 64;
    private const string Others = "Others";

    private static readonly Lazy<IReadOnlyList<ZoneRegion>> All = new(() => Grouped(TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id)));

    /// <summary>Whether a name is that of a zone; an alias such as <c>Asia/Calcutta</c> is one too.</summary>
    public static bool Knows(string? name) =>
        name is { Length: > 0 and <= MaxName } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+')
        && TimeZoneInfo.TryFindSystemTimeZoneById(name, out _);

    /// <summary>All zones by region, and the present one too where it is not among them.</summary>
    public static IReadOnlyList<ZoneRegion> With(string? present) =>
        present is null || All.Value.Any(r => r.Zones.Contains(present)) ? All.Value : Grouped(All.Value.SelectMany(r => r.Zones).Append(present));

    /// <summary>A name as people read it: <c>Argentina, Buenos Aires</c>.</summary>
    public static string Label(string name) =>
        name[(name.IndexOf('/') + 1)..].Replace("/", ", ", StringComparison.Ordinal).Replace('_', ' ');

    private static List<ZoneRegion> Grouped(IEnumerable<string> names) =>
        [.. names.Distinct().GroupBy(RegionOf, (region, zones) => new ZoneRegion(region, [.. zones.Order(StringComparer.Ordinal)]))
            .OrderBy(r => r.Region == Others).ThenBy(r => r.Region, StringComparer.Ordinal)];

    private static string RegionOf(string name) => name.IndexOf('/') is var slash and > 0 && name[..slash] != "Etc" ? name[..slash] : Others;
}
