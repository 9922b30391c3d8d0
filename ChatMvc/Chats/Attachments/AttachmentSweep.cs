using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats.Attachments;

/// <summary>Removes files that nobody sent within a day, and those whose rows are gone: a crash may leave them.</summary>
public sealed class AttachmentSweep(ChatDb db, UploadFiles uploads, TimeProvider time) : IJobHandler
{
    public static readonly TimeSpan Every = TimeSpan.FromHours(1);
    /// <summary>Younger files may be those of a row that is written at this moment.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);
    private const int MaxAtOnce = 500;

    public static string Kind => "attachment-sweep";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var before = time.GetUtcNow() - FileLimits.UnsentLifetime;
        await RemoveAsync(db.Attachments.Where(a => a.MessageId == null && a.CreatedAt < before), stopping);
        foreach (var names in uploads.NamesBefore(time.GetUtcNow() - Grace).Chunk(MaxAtOnce))
        {
            var known = await db.Attachments.Where(a => names.Contains(a.Key)).Select(a => a.Key).ToListAsync(stopping);
            uploads.Delete(names.Except(known));
        }
    }

    /// <summary>Removes what a person uploaded and did not send.</summary>
    public Task RemoveUnsentOfAsync(long person, CancellationToken stopping) =>
        RemoveAsync(db.Attachments.Where(a => a.UserId == person && a.MessageId == null), stopping);

    private async Task RemoveAsync(IQueryable<Attachment> unsent, CancellationToken stopping)
    {
        var old = await unsent.OrderBy(a => a.Id).Select(a => new { a.Id, a.Key }).Take(MaxAtOnce).ToListAsync(stopping);
        if (old.Count == 0) return;
        var ids = old.ConvertAll(a => a.Id);
        var gone = await db.WriteAsync(() => db.Attachments.Where(a => ids.Contains(a.Id) && a.MessageId == null).ExecuteDeleteAsync(stopping), stopping);
        // One that was sent at this moment keeps its file; the next run finds what is left of the others.
        if (gone == old.Count) uploads.Delete(old.Select(a => a.Key));
    }
}
