using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts;

/// <summary>
/// How often a number is sent codes, and how often they are guessed at. A browser that signed this number in before
/// has a budget of its own; all others share one. So a stranger who uses it up does not lock the owner out.
/// </summary>
public sealed class CodeLimits(ChatDb db, OtpSettings settings, TimeProvider time)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    /// <summary>After the first code; it doubles with each that was not used.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>How long until this browser may ask for the number's next code; zero for now.</summary>
    public async Task<TimeSpan> WaitForNextAsync(string phone, byte[] browserHash, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var codes = await CodesSinceAsync(now - Hour, phone, browserHash, cancellation);
        if (codes.Count == 0) return TimeSpan.Zero;
        var byCount = codes.Count < settings.MaxPerHour ? TimeSpan.Zero : codes[^settings.MaxPerHour].CreatedAt + Hour - now;
        var unused = codes.AsEnumerable().Reverse().TakeWhile(c => c.RedeemedAt is null).Count();
        var byPace = unused == 0 ? TimeSpan.Zero : codes[^1].CreatedAt + WaitAfter(unused) - now;
        return Longest(byCount, byPace, TimeSpan.Zero);
    }

    /// <summary>
    /// Guesses left in any hour: attempts times codes. Every guess of the last hour was at a code made in the last hour
    /// and a code's lifetime, so the sum over those is never too small.
    /// </summary>
    public async Task<int> GuessesLeftAsync(string phone, byte[] browserHash, CancellationToken cancellation)
    {
        var codes = await CodesSinceAsync(time.GetUtcNow() - Hour - settings.Lifetime, phone, browserHash, cancellation);
        return settings.MaxAttempts * settings.MaxPerHour - codes.Sum(c => c.Attempts);
    }

    /// <summary>Oldest first. Their number is bounded by this very limit.</summary>
    private async Task<List<OneTimeCode>> CodesSinceAsync(
        DateTimeOffset since, string phone, byte[] browserHash, CancellationToken cancellation)
    {
        var isKnown = await db.OneTimeCodes.AnyAsync(
            c => c.Phone == phone && c.BrowserHash == browserHash && c.RedeemedAt != null, cancellation);
        return await db.OneTimeCodes.AsNoTracking()
            .Where(c => c.Phone == phone && c.CreatedAt > since && (!isKnown || c.BrowserHash == browserHash))
            .OrderBy(c => c.CreatedAt).ThenBy(c => c.Id).ToListAsync(cancellation);
    }

    private static TimeSpan WaitAfter(int unused) => Shortest(FirstWait * Math.Pow(2, Math.Min(unused, 10) - 1), LongestWait);

    private static TimeSpan Longest(params TimeSpan[] spans) => spans.Max();

    private static TimeSpan Shortest(params TimeSpan[] spans) => spans.Min();
}
