using System.Globalization;
using ChatMvc.Chats;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Completions;

/// <summary>
/// The guarantee under the job engine: rings for every answer that waits, or was left behind by a dead worker, and has no
/// job. <c>chat.db</c> is the truth; a job is only a nudge.
/// </summary>
public sealed class AnswerSweep(ChatDb db, JobQueue jobs, Bell bell, TimeProvider time) : IJobHandler
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    /// <summary>Younger ones are still between their commit and their job.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private const int MaxAtOnce = 2_000;

    public static string Kind => "answer-sweep";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        var old = now - Grace;
        var left = await db.Messages.Unfinished()
            .Where(m => m.State == MessageState.Queued && m.CreatedAt < old && (m.NotBefore == null || m.NotBefore < now)
                || m.State == MessageState.Streaming && (m.LeaseUntil == null || m.LeaseUntil < now))
            .OrderBy(m => m.Id).Select(m => m.Id).Take(MaxAtOnce).ToListAsync(stopping);
        if (left.Count == 0) return;
        var pending = await jobs.PendingIdsAsync<AnswerJob>(stopping);
        foreach (var answer in left.Where(a => !pending.Contains(a.ToString(CultureInfo.InvariantCulture))))
            await bell.RingAsync<AnswerJob>(answer);
    }
}
