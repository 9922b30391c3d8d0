using System.Threading.RateLimiting;
using ChatMvc.Accounts;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.RateLimiting;

namespace ChatMvc.Shared;

/// <summary>
/// How fast forms may be sent: a bucket for each person, and one for each address that sends them signed out. No hand is
/// that quick; what costs money or tells secrets has limits of its own.
/// </summary>
/// <remarks>Not the framework's middleware: it keeps two limiters, each with a timer that ticks ten times a second and is never disposed.</remarks>
internal sealed class RateLimits(RateLimitSettings settings) : IDisposable
{
    private static readonly TokenBucketRateLimiterOptions Person = Bucket(holds: 1_000, perSecond: 50);
    private static readonly TokenBucketRateLimiterOptions Address = Bucket(holds: 600, perSecond: 20);

    private readonly PartitionedRateLimiter<HttpContext>? limiter = settings.Enabled ? PartitionedRateLimiter.Create<HttpContext, string>(BucketOf) : null;

    /// <summary>Lets it pass, or answers <c>429</c> with when to come again.</summary>
    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        if (limiter is not null && IsForm(http))
        {
            using var lease = limiter.AttemptAcquire(http);
            if (!lease.IsAcquired)
            {
                http.Response.TooManyRequests(lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.Zero);
                return;
            }
        }
        await next(http);
    }

    public void Dispose() => limiter?.Dispose();

    private static RateLimitPartition<string> BucketOf(HttpContext http)
    {
        var me = http.RequestServices.GetRequiredService<CurrentUser>();
        return me.IsSignedIn
            ? RateLimitPartition.GetTokenBucketLimiter($"person {me.Id}", _ => Person)
            : RateLimitPartition.GetTokenBucketLimiter($"address {ClientAddress.Of(http)}", _ => Address);
    }

    // A refused form is not counted once more when its error page is made.
    private static bool IsForm(HttpContext http) =>
        HttpMethods.IsPost(http.Request.Method) && http.GetEndpoint()?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is null
        && http.Features.Get<IStatusCodeReExecuteFeature>() is null && http.Features.Get<IExceptionHandlerFeature>() is null;

    private static TokenBucketRateLimiterOptions Bucket(int holds, int perSecond) => new()
    {
        TokenLimit = holds,
        TokensPerPeriod = perSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    };
}
