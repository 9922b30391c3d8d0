using ChatMvc.Accounts.Passwords;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts;

/// <summary>
/// Forgets codes, sessions and wrong passwords that are over. The codes that were used are kept as long as the browser's secret: they are
/// how an owner's browser is known.
/// </summary>
public sealed class AccountSweep(ChatDb db, SessionSettings sessions, TimeProvider time) : IJobHandler
{
    public static readonly TimeSpan Every = TimeSpan.FromHours(1);
    // They tell an address that asked for a number before from a new one.
    private static readonly TimeSpan UnusedCodes = CodeLimits.AddressIsNew;
    private static readonly TimeSpan DeadSessions = TimeSpan.FromDays(30);

    public static string Kind => "account-sweep";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        var (unused, used) = (now - UnusedCodes, now - BrowserSecret.Lifetime);
        var (dead, idle) = (now - DeadSessions, now - sessions.Idle - DeadSessions);
        var guessed = now - PasswordLimits.Memory;
        await db.WriteAsync(async () =>
        {
            await db.OneTimeCodes.Where(c => c.CreatedAt < used || c.RedeemedAt == null && c.CreatedAt < unused).ExecuteDeleteAsync(stopping);
            await db.Sessions.Where(s => s.ExpiresAt < dead || s.RevokedAt < dead || s.LastSeenAt < idle).ExecuteDeleteAsync(stopping);
            await db.PasswordGuesses.Where(g => g.GuessedAt < guessed).ExecuteDeleteAsync(stopping);
        }, stopping);
    }
}
