using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts.Passwords;

/// <summary>
/// How often passwords are guessed at. A browser that this number signed in before has a budget of its own; all
/// others share the number's and that of their address. So a stranger who uses them up does not lock the owner out.
/// </summary>
public sealed class PasswordLimits(ChatDb db, TimeProvider time)
{
    /// <summary>Guesses at a number before there is anything to wait for.</summary>
    private const int Free = 5;
    private const int MaxPerDay = 30;
    /// <summary>From one address in an hour, at whatever numbers.</summary>
    private const int MaxPerAddress = 30;
    /// <summary>After the last free one; it doubles with each.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    /// <summary>How long a guess counts.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    /// <summary>
    /// Counts a guess before it is judged, so that many at the same time are no way around. It counts as wrong until it is
    /// given back.
    /// </summary>
    /// <returns>The guess, or how long to wait for the next.</returns>
    public Task<(PasswordGuess? Guess, TimeSpan Wait)> TakeAsync(PhoneNumber phone, PasswordAttempt attempt, CancellationToken cancellation) =>
        db.WriteAsync(async () =>
        {
            var known = await KnownAsync(phone, attempt, cancellation);
            var wait = await WaitForNumberAsync(phone, known, cancellation);
            if (known is null && await WaitForAddressAsync(attempt.Address, cancellation) is var longer && longer > wait) wait = longer;
            if (wait > TimeSpan.Zero) return ((PasswordGuess?)null, wait);
            var guess = new PasswordGuess(phone, attempt.Address, known, time.GetUtcNow());
            db.PasswordGuesses.Add(guess);
            return (guess, TimeSpan.Zero);
        }, cancellation);

    /// <summary>It was not judged after all.</summary>
    public Task GiveBackAsync(PasswordGuess guess, CancellationToken cancellation) =>
        db.WriteAsync(() => db.PasswordGuesses.Where(g => g.Id == guess.Id).ExecuteDeleteAsync(cancellation), cancellation);

    /// <summary>Somebody turned out to be the owner: what they mistyped where they are counts no more. In the caller's transaction.</summary>
    public async Task ForgetAsync(PhoneNumber phone, PasswordAttempt attempt, CancellationToken cancellation)
    {
        var known = await KnownAsync(phone, attempt, cancellation);
        await Guesses(phone, known).Where(g => g.Address == attempt.Address).ExecuteDeleteAsync(cancellation);
    }

    /// <summary>The browser's hash where this number was signed in before, else null.</summary>
    public async Task<byte[]?> KnownAsync(PhoneNumber phone, PasswordAttempt attempt, CancellationToken cancellation)
    {
        var (number, hash) = (phone.ToString(), RandomKey.Hash(attempt.Browser));
        return await db.OneTimeCodes.AnyAsync(c => c.Phone == number && c.BrowserHash == hash && c.RedeemedAt != null, cancellation) ? hash : null;
    }

    private async Task<TimeSpan> WaitForNumberAsync(PhoneNumber phone, byte[]? known, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var times = await TimesAsync(Guesses(phone, known), now - Memory, cancellation);
        var byDay = times.Count < MaxPerDay ? TimeSpan.Zero : times[^MaxPerDay] + Memory - now;
        var byPace = times.Count < Free ? TimeSpan.Zero : times[^1] + WaitAfter(times.Count) - now;
        return byDay > byPace ? byDay : byPace;
    }

    private async Task<TimeSpan> WaitForAddressAsync(string address, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var times = await TimesAsync(db.PasswordGuesses.Where(g => g.Address == address && g.BrowserHash == null), now - Hour, cancellation);
        return times.Count < MaxPerAddress ? TimeSpan.Zero : times[^MaxPerAddress] + Hour - now;
    }

    private IQueryable<PasswordGuess> Guesses(PhoneNumber phone, byte[]? known)
    {
        var number = phone.ToString();
        return db.PasswordGuesses.Where(g => g.Phone == number && g.BrowserHash == known);
    }

    /// <summary>Oldest first. Their number is bounded by these very limits.</summary>
    private static Task<List<DateTimeOffset>> TimesAsync(IQueryable<PasswordGuess> guesses, DateTimeOffset since, CancellationToken cancellation) =>
        guesses.Where(g => g.GuessedAt > since).OrderBy(g => g.GuessedAt).Select(g => g.GuessedAt).ToListAsync(cancellation);

    private static TimeSpan WaitAfter(int guesses)
    {
        var wait = FirstWait * Math.Pow(2, guesses - Free);
        return wait < LongestWait ? wait : LongestWait;
    }
}
