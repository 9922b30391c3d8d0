using ChatMvc.Accounts;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats.Attachments;

/// <summary>
/// The files of one post. They are stored before the message is judged, so that one that is refused loses none: they wait,
/// unsent, and the form that comes back names them by their keys.
/// </summary>
public sealed class Attaching(ChatDb db, UploadFiles uploads, TimeProvider time)
{
    /// <summary>The field of the form that brings files.</summary>
    public const string Field = "files";
    /// <summary>The hidden field of ours that names those that are here already.</summary>
    public const string KeptField = "attached";
    /// <summary>The box beside each of them that takes it off.</summary>
    public const string RemovedField = "detached";

    /// <summary>Stored and not sent: what goes with this message, or stands in the form again.</summary>
    public IReadOnlyList<Attachment> Kept { get; private set; } = [];

    /// <summary>Stores what was uploaded. What cannot be taken is said, and all the rest is kept all the same.</summary>
    public async Task<SendResult.Invalid?> TakeAsync(User me, HttpRequest request, CancellationToken cancellation)
    {
        if (!request.HasFormContentType) return null;
        var form = await request.ReadFormAsync(cancellation);
        Kept = await FindAsync(me.Id, KeysIn(form), cancellation);
        if (request.HasLostFiles())
            return new(Field, $"The files are larger than {FileLimits.PostBytes / 1_000_000} MB together, so they were left out and the message was not sent. Choose fewer or smaller ones.");
        var files = form.Files.Where(f => f.Name == Field && f.FileName.Length > 0).ToList();
        if (files.Count == 0) return null;
        var refusals = new List<string>();
        var contents = await JudgeAsync(files.Take(FileLimits.PerMessage - Kept.Count), refusals, cancellation);
        if (files.Count > FileLimits.PerMessage - Kept.Count)
            refusals.Add($"A message takes {FileLimits.PerMessage} files. The others were left out: send them with another one.");
        var (stored, full) = await StoreAsync(me.Id, contents, cancellation);
        if (full is not null) refusals.Add(full);
        Kept = [.. Kept, .. stored];
        if (refusals.Count == 0) return null;
        return new(Field, $"{string.Join(' ', refusals)}{(Kept.Count > 0 ? " The message was not sent; its other files are kept." : " The message was not sent.")}");
    }

    /// <summary>Takes copies of the files of a person's earlier message, which is going to be asked in other words.</summary>
    public async Task<SendResult.Invalid?> TakeFromAsync(User me, long questionId, CancellationToken cancellation)
    {
        var files = await db.Attachments.AsNoTracking().Where(a => a.MessageId == questionId && a.UserId == me.Id).OrderBy(a => a.Id).ToListAsync(cancellation);
        if (files.Count == 0) return null;
        var copies = new List<Attachment>();
        foreach (var file in files)
        {
            if (uploads.Read(file.Key) is not { } bytes) continue;
            copies.Add(file.CopyAs(Attachment.NewKey(), time.GetUtcNow()));
            uploads.Write(copies[^1].Key, bytes);
        }
        if (await SaveAsync(me.Id, copies, cancellation) is { } full) return new(Field, full);
        Kept = copies;
        return null;
    }

    /// <summary>Removes such copies again, as no message took them along.</summary>
    public async Task LetGoAsync()
    {
        var (ids, kept) = (Kept.Select(f => f.Id).ToList(), Kept);
        Kept = [];
        if (ids.Count == 0) return;
        await db.WriteAsync(() => db.Attachments.Where(a => ids.Contains(a.Id)).ExecuteDeleteAsync());
        uploads.Delete(kept.Select(f => f.Key));
    }

    /// <summary>The message took them along: the next form begins empty.</summary>
    public void Sent() => Kept = [];

    // Several of one name come joined by commas from a form that was shown again.
    private static List<string> KeysIn(IFormCollection form) =>
        [.. Keys(form[KeptField]).Except(Keys(form[RemovedField])).Take(FileLimits.PerMessage)];

    private static IEnumerable<string> Keys(IEnumerable<string?> values) =>
        values.SelectMany(value => (value ?? "").Split(',')).Where(Attachment.IsKey);

    private async Task<List<Attachment>> FindAsync(long person, List<string> keys, CancellationToken cancellation) => keys.Count == 0 ? []
        : await db.Attachments.AsNoTracking().Where(a => keys.Contains(a.Key) && a.UserId == person && a.MessageId == null)
            .OrderBy(a => a.Id).ToListAsync(cancellation);

    private static async Task<List<(string Name, FileContent Content)>> JudgeAsync(IEnumerable<IFormFile> files, List<string> refusals, CancellationToken cancellation)
    {
        var contents = new List<(string, FileContent)>();
        foreach (var file in files)
        {
            var name = FileName.Clean(file.FileName);
            var (content, refusal) = file.Length > FileLimits.ImageBytes
                ? (null, FileContent.TooLarge)
                : FileContent.Judge(await BytesOfAsync(file, cancellation));
            if (content is not null) contents.Add((name, content));
            else refusals.Add($"“{name}” {refusal}");
        }
        return contents;
    }

    private static async Task<byte[]> BytesOfAsync(IFormFile file, CancellationToken cancellation)
    {
        var bytes = new byte[file.Length];
        await using var stream = file.OpenReadStream();
        await stream.ReadExactlyAsync(bytes, cancellation);
        return bytes;
    }

    private async Task<string?> RoomForAsync(long person, int count, long bytes, CancellationToken cancellation)
    {
        var theirs = db.Attachments.Where(a => a.UserId == person);
        if (await theirs.CountAsync(a => a.MessageId == null, cancellation) + count > FileLimits.Unsent)
            return $"{FileLimits.Unsent} of your files wait to be sent already. Send a message with some of them, or try again tomorrow.";
        return await theirs.SumAsync(a => a.Bytes, cancellation) + bytes > FileLimits.PersonBytes
            ? $"Your files take up {FileLimits.PersonBytes / 1_000_000_000} GB here, which is the most. Delete chats that hold some of them."
            : null;
    }

    private async Task<(List<Attachment> Stored, string? Full)> StoreAsync(long person, List<(string Name, FileContent Content)> contents, CancellationToken cancellation)
    {
        var stored = contents.ConvertAll(c => (Row: new Attachment(person, Attachment.NewKey(), c.Name, c.Content, time.GetUtcNow()), c.Content));
        // Files without a row are found by the sweep; a row without its file would be a promise that is not kept.
        foreach (var (row, content) in stored) uploads.Write(row.Key, content.Bytes);
        var rows = stored.ConvertAll(s => s.Row);
        return await SaveAsync(person, rows, cancellation) is { } full ? ([], full) : (rows, null);
    }

    // Counted where nobody else writes: several posts at once have no more room than one after the other.
    private async Task<string?> SaveAsync(long person, List<Attachment> rows, CancellationToken cancellation)
    {
        if (rows.Count == 0) return null;
        var full = await db.WriteAsync(async () =>
        {
            var full = await RoomForAsync(person, rows.Count, rows.Sum(r => r.Bytes), cancellation);
            if (full is null) db.Attachments.AddRange(rows);
            return full;
        }, cancellation);
        if (full is not null) uploads.Delete(rows.Select(r => r.Key));
        return full;
    }
}
