using ChatMvc.Data;
using ChatMvc.Jobs;
using ChatMvc.Shared;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Operators.Health;

/// <summary>Whether messages can be taken and answered now.</summary>
public sealed class Readiness(ChatDb db, JobQueue jobs, StateFigures figures, DiskSpace disk, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    /// <summary>What waits longer although it may run is stuck: the sweep rings for it every five seconds.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);
    /// <summary>Time services set a clock back by less.</summary>
    public static readonly TimeSpan SmallestStep = TimeSpan.FromMinutes(1);

    /// <summary>One plain sentence about the first thing that is wrong; null when all is well.</summary>
    public async Task<string?> ProblemAsync(CancellationToken aborted)
    {
        if (!jobs.IsOpen) return "the job store is not open";
        // First: a full disk is a better name for a database that cannot be written to.
        if (disk.Free() is var free and < DiskSpace.Least) return $"the disk is full: {free / 1_000_000} MB are left, {DiskSpace.Least / 1_000_000} MB are needed";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        limit.CancelAfter(Patience);
        try
        {
            // An empty transaction through the gate that every send passes.
            await db.WriteAsync(() => db.Database.ExecuteSqlRawAsync("PRAGMA user_version", limit.Token), limit.Token);
            if (await figures.ClockBehindAsync(db, limit.Token) is var behind && behind > SmallestStep)
                return $"the clock is {Times.InWords(behind)} behind the newest message";
            if (await StateFigures.StuckAsync(db, time.GetUtcNow() - LongestWait, limit.Token)) return $"an answer that may run has been waiting for more than {Times.InWords(LongestWait)}: jobs do not run";
            return null;
        }
        catch (Exception e) when (e is SqliteException or OperationCanceledException && !aborted.IsCancellationRequested)
        {
            return "the database cannot be written to";
        }
    }
}
