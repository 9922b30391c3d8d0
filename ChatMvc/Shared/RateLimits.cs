using System.Threading.RateLimiting;
using ChatMvc.Accounts;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.RateLimiting;

namespace ChatMvc.Shared;

/// <summary>
/// How fast forms may be sent: a bucket for each person, and one for each address that sends them signed out. No hand is
/// that quick; what costs money or tells secrets has limits of its own.
/// </summary>
public static class RateLimits
{
    private static readonly TokenBucketRateLimiterOptions Person = Bucket(holds: 1_000, perSecond: 50);
    private static readonly TokenBucketRateLimiterOptions Address = Bucket(holds: 600, perSecond: 20);

    public static void AddRateLimits(this IServiceCollection services, RateLimitSettings settings) =>
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = SayWhen;
            if (settings.Enabled) limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(BucketOf);
        });

    private static RateLimitPartition<string> BucketOf(HttpContext http)
    {
        if (!IsForm(http)) return RateLimitPartition.GetNoLimiter("");
        var me = http.RequestServices.GetRequiredService<CurrentUser>();
        return me.IsSignedIn
            ? RateLimitPartition.GetTokenBucketLimiter($"person {me.Id}", _ => Person)
            : RateLimitPartition.GetTokenBucketLimiter($"address {ClientAddress.Of(http)}", _ => Address);
    }

    // A refused form is not counted once more when its error page is made.
    private static bool IsForm(HttpContext http) =>
        HttpMethods.IsPost(http.Request.Method)
        && http.Features.Get<IStatusCodeReExecuteFeature>() is null && http.Features.Get<IExceptionHandlerFeature>() is null;

    private static ValueTask SayWhen(OnRejectedContext refused, CancellationToken cancellation)
    {
        refused.HttpContext.Response.TooManyRequests(refused.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.Zero);
        return ValueTask.CompletedTask;
    }

    private static TokenBucketRateLimiterOptions Bucket(int holds, int perSecond) => new()
    {
        TokenLimit = holds,
        TokensPerPeriod = perSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    };
}
