using System.Globalization;
using ChatMvc.Chats;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Accounts.Manage;

/// <summary>Makes one zip, beside the place it is going to lie in. After a crash it is begun anew.</summary>
public sealed partial class ExportJob(ChatDb db, ExportWriter writer, ExportFiles files, TimeProvider time, ILogger<ExportJob> logger) : IJobHandler
{
    /// <summary>For all people together: it reads much and is in no hurry.</summary>
    public const int AtOnce = 2;
    /// <summary>Chats between two notes of how far it is.</summary>
    private const int NotedEvery = 10;

    public static string Kind => "account-export";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var exportId = long.Parse(id, CultureInfo.InvariantCulture);
        if (await BeginAsync(exportId, stopping) is not { } begun) return;
        using var held = files.Hold(begun.Export.Key);
        if (held is null) return;
        try
        {
            var bytes = await WriteAsync(begun.Export, begun.Person, stopping);
            if (!await EndAsync(exportId, export => export.Finish(bytes, time.GetUtcNow()))) files.Delete(begun.Export.Key);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            LogFailed(logger, e, exportId);
            files.Delete(begun.Export.Key);
            await EndAsync(exportId, export => export.Fail(time.GetUtcNow()));
        }
    }

    private Task<(AccountExport Export, User Person)?> BeginAsync(long id, CancellationToken stopping) => db.WriteAsync<(AccountExport, User)?>(async () =>
    {
        var export = await db.AccountExports.SingleOrDefaultAsync(e => e.Id == id, stopping);
        if (export is not { IsPending: true }) return null;
        var person = await db.Users.SingleAsync(u => u.Id == export.UserId, stopping);
        if (person.DeletedAt is not null) return null;
        export.Begin(await db.Chats.VisibleTo(person.Id).CountAsync(stopping));
        return (export, person);
    }, stopping);

    private async Task<long> WriteAsync(AccountExport export, User person, CancellationToken stopping)
    {
        long bytes;
        await using (var file = files.Create(export.Key))
        {
            await writer.WriteAsync(person, file, done => NoteAsync(export.Id, done, stopping), stopping);
            file.Flush(flushToDisk: true);
            bytes = file.Length;
        }
        files.Publish(export.Key);
        return bytes;
    }

    private async Task NoteAsync(long id, int done, CancellationToken stopping)
    {
        if (done % NotedEvery != 0) return;
        await db.WriteAsync(() => db.AccountExports.Where(e => e.Id == id).ExecuteUpdateAsync(set => set.SetProperty(e => e.ChatsDone, done), stopping), stopping);
    }

    /// <returns>False when the row is gone: its person was deleted meanwhile.</returns>
    private Task<bool> EndAsync(long id, Action<AccountExport> end) => db.WriteAsync(async () =>
    {
        db.ChangeTracker.Clear();
        var export = await db.AccountExports.SingleOrDefaultAsync(e => e.Id == id);
        if (export is not null) end(export);
        return export is not null;
    });

    [LoggerMessage(Level = LogLevel.Warning, Message = "Export {ExportId} could not be made")]
    private static partial void LogFailed(ILogger logger, Exception exception, long exportId);
}
