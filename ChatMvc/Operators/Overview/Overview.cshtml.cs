using System.Reflection;
using ChatMvc.Accounts;
using ChatMvc.Operators.Handbook;
using ChatMvc.Shared;

namespace ChatMvc.Operators.Overview;

/// <summary>How the server stands, and what has to be looked after.</summary>
public sealed class OverviewModel(OverviewReader reader, HandbookText handbook, CurrentUser me, SiteSettings site) : OpsPage
{
    /// <summary>Letters of the commit that tell it from all others here.</summary>
    private const int CommitLength = 9;

    /// <summary>Of this program, with the beginning of the commit it was built from.</summary>
    public static string Version { get; } = Short(typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");

    public OverviewFigures Figures { get; private set; } = null!;
    public IReadOnlyList<Alarm> Alarms { get; private set; } = [];
    public TimeZoneInfo Zone => Times.Zone(me.User.TimeZone ?? site.TimeZone);

    public string HandbookUrl(Alarm alarm) => handbook.UrlOf(alarm.Chapter);

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Figures = await reader.ReadAsync(cancellation);
        Alarms = Alarm.Of(Figures);
    }

    private static string Short(string version) =>
        version.IndexOf('+', StringComparison.Ordinal) is > 0 and var plus && version.Length > plus + CommitLength ? version[..(plus + 1 + CommitLength)] : version;
}
