using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.Audit;

/// <summary>The audit log, in pages, of everything or about one thing.</summary>
public sealed class AuditModel(ChatDb db, CurrentUser me, SiteSettings site) : OpsPage
{
    private const int Shown = 50;

    /// <summary>The subject that is asked for; null for all.</summary>
    public string? About { get; private set; }
    public IReadOnlyList<AuditEntry> Entries { get; private set; } = [];
    /// <summary>The page of older entries; null on the last.</summary>
    public string? Next { get; private set; }
    public TimeZoneInfo Zone => Times.Zone(me.User.TimeZone ?? site.TimeZone);

    public async Task OnGetAsync(string? about, long? before, CancellationToken cancellation)
    {
        About = string.IsNullOrWhiteSpace(about) ? null : about.Trim();
        var entries = db.AuditEntries.AsNoTracking();
        if (About is not null) entries = entries.Where(e => e.Subject == About);
        if (before is not null) entries = entries.Where(e => e.Id < before);
        var found = await entries.OrderByDescending(e => e.Id).Take(Shown + 1).ToListAsync(cancellation);
        Entries = [.. found.Take(Shown)];
        if (found.Count > Shown) Next = $"/ops/audit?before={Entries[^1].Id}" + (About is null ? "" : "&about=" + Uri.EscapeDataString(About));
    }
}
