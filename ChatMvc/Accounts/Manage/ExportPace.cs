using System.Threading.RateLimiting;
using ChatMvc.Shared;

namespace ChatMvc.Accounts.Manage;

/// <summary>How often one person's data is packed while they wait: a <c>GET</c>, but a dear one.</summary>
public sealed class ExportPace(RateLimitSettings settings) : IDisposable
{
    private static readonly TokenBucketRateLimiterOptions Person = new()
    {
        TokenLimit = 5,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromMinutes(2),
        QueueLimit = 0,
    };

    private readonly PartitionedRateLimiter<long> limiter = PartitionedRateLimiter.Create<long, long>(person =>
        settings.Enabled ? RateLimitPartition.GetTokenBucketLimiter(person, _ => Person) : RateLimitPartition.GetNoLimiter(person));

    /// <summary>Counts one; how long to wait where there were too many, else null.</summary>
    public TimeSpan? WaitOf(long person)
    {
        using var lease = limiter.AttemptAcquire(person);
        if (lease.IsAcquired) return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Person.ReplenishmentPeriod;
    }

    public void Dispose() => limiter.Dispose();
}
