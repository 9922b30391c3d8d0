using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Usage;

/// <summary>What a person's month has cost so far, as the usage page tells it: what their budget is held against.</summary>
public sealed class MonthlyCost(SiteSettings site, BillingSettings billing, TimeProvider time)
{
    /// <summary>The person's present month in their own time zone. One range of an index, cheap enough inside a write.</summary>
    public async Task<Usd> ThisMonthAsync(ChatDb db, User user, CancellationToken cancellation)
    {
        var zone = Times.Zone(user.TimeZone ?? site.TimeZone);
        var (from, until) = Month.Of(time.GetUtcNow(), zone).In(zone);
        var (first, end) = (from.ToUnixTimeMilliseconds() / Month.Quarter, until.ToUnixTimeMilliseconds() / Month.Quarter);
        var isOwnKey = billing.Provider == BillingProvider.None;
        return new Usd(await db.Database.SqlQuery<long>($"""
            SELECT COALESCE(SUM("Micros"), 0) AS "Value" FROM "UsageQuarters"
            WHERE "UserId" = {user.Id} AND "Quarter" >= {first} AND "Quarter" < {end} AND ("Kind" = 'Answer' OR {isOwnKey})
            """).SingleAsync(cancellation));
    }
}
