using System.Globalization;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts.Manage;

/// <summary>
/// The guarantee under the jobs of this folder: what was begun and has no job is rung for, and what is over is removed.
/// Writes nothing when there is nothing to do.
/// </summary>
public sealed class AccountUpkeep(
    ChatDb db, JobQueue jobs, Bell bell, ExportFiles exports, UnsentTexts unsent, FormerUses formerUses, TimeProvider time) : IJobHandler
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private const int MaxAtOnce = 100;

    public static string Kind => "account-upkeep";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        await RemoveExportsAsync(stopping);
        unsent.ForgetOld();
        await RemoveAsync(formerUses.Outdated, stopping);
        await RemoveAsync(CodesOfNobody, stopping);
        await RingForRemovalsAsync(stopping);
        await RingForExportsAsync(stopping);
    }

    private async Task RemoveExportsAsync(CancellationToken stopping)
    {
        // The files first: a file without a row is found all the same, a row without a file is removed below.
        var kept = await db.AccountExports.Except(OldExports).Select(e => e.Key).ToListAsync(stopping);
        foreach (var key in exports.Keys.Except(kept)) exports.Delete(key);
        await RemoveAsync(OldExports, stopping);
    }

    private IQueryable<AccountExport> OldExports
    {
        get
        {
            var (finished, begun) = (time.GetUtcNow() - AccountExport.Lifetime, time.GetUtcNow() - 2 * AccountExport.Lifetime);
            return db.AccountExports.Where(e => e.FinishedAt < finished && e.CreatedAt < finished || e.CreatedAt < begun);
        }
    }

    // Their browser is not to be known again when the number signs up anew.
    private IQueryable<OneTimeCode> CodesOfNobody
    {
        get
        {
            var before = time.GetUtcNow() - Deletion.LimitsLookBack;
            return db.OneTimeCodes.Where(c => c.RedeemedAt != null && c.CreatedAt < before
                && (!db.Users.Any(u => u.Phone == c.Phone) || db.Users.Any(u => u.Id == c.UserId && u.DeletedAt != null)));
        }
    }

    private async Task RingForRemovalsAsync(CancellationToken stopping)
    {
        var left = await db.Users.Where(u => u.DeletedAt != null
                && (db.Sessions.Any(s => s.UserId == u.Id) || db.ChatMembers.Any(m => m.UserId == u.Id)))
            .OrderBy(u => u.Id).Select(u => u.Id).Take(MaxAtOnce).ToListAsync(stopping);
        await RingAsync<AccountRemoval>(left, stopping);
    }

    private async Task RingForExportsAsync(CancellationToken stopping)
    {
        var left = await db.AccountExports.Where(e => e.State == ExportState.Waiting || e.State == ExportState.Running)
            .OrderBy(e => e.Id).Select(e => e.Id).Take(MaxAtOnce).ToListAsync(stopping);
        await RingAsync<ExportJob>(left, stopping);
    }

    private async Task RingAsync<T>(List<long> left, CancellationToken stopping) where T : class, IJobHandler
    {
        if (left.Count == 0) return;
        var pending = await jobs.PendingIdsAsync<T>(stopping);
        foreach (var id in left.Where(i => !pending.Contains(i.ToString(CultureInfo.InvariantCulture)))) await bell.RingAsync<T>(id);
    }

    private async Task RemoveAsync<T>(IQueryable<T> rows, CancellationToken stopping) where T : class
    {
        if (await rows.AnyAsync(stopping)) await db.WriteAsync(() => rows.ExecuteDeleteAsync(stopping), stopping);
    }
}
