using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Usage;

public sealed class MonthlyCost(SiteSettings site, TimeProvider time)
{
    public async Task<Usd> ThisMonthAsync(ChatDb db, User user, CancellationToken cancellation)
    {
        var zone = Times.Zone(user.TimeZone ?? site.TimeZone);
        var local = TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone);
        var from = new DateTimeOffset(local.Year, local.Month, 1, 0, 0, 0, local.Offset);
        return new Usd(await db.Completions.Where(c => c.UserId == user.Id && c.StartedAt >= from).SumAsync(c => c.ChargedMicros ?? c.CostMicros ?? 0, cancellation));
    }
}
