using System.Globalization;
using System.Text;
using ChatMvc.Billing.Usage;
using ChatMvc.Data;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace ChatMvc.Operators.Audit;

/// <summary>The whole audit log as CSV (RFC 4180), oldest first, times in UTC.</summary>
public sealed class AuditCsvModel(ChatDb db) : OpsPage
{
    /// <summary>Entries read at once: no reading lasts while a slow line takes what was read.</summary>
    private const int Piece = 1_000;
    private const string Head = "id,time,actor,from,action,subject,before,after,reason\r\n";

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        Response.ContentType = "text/csv; charset=utf-8; header=present";
        Response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = "audit.csv" }.ToString();
        await using var text = new StreamWriter(Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true);
        await text.WriteAsync(Head);
        var last = 0L;
        while (await db.AuditEntries.AsNoTracking().Where(e => e.Id > last).OrderBy(e => e.Id).Take(Piece).ToListAsync(cancellation) is { Count: > 0 } piece)
        {
            foreach (var entry in piece) await text.WriteAsync(Line(entry));
            await text.FlushAsync(cancellation);
            last = piece[^1].Id;
        }
        return new EmptyResult();
    }

    private static string Line(AuditEntry entry) => string.Join(',', [
        entry.Id.ToString(CultureInfo.InvariantCulture), entry.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        UsageFile.Field(entry.Actor), UsageFile.Field(entry.Address ?? ""), UsageFile.Field(entry.Action), UsageFile.Field(entry.Subject),
        UsageFile.Field(entry.Before ?? ""), UsageFile.Field(entry.After ?? ""), UsageFile.Field(entry.Reason ?? "")]) + "\r\n";
}
