using System.Globalization;
using System.Text;
using ChatMvc.Accounts;
using ChatMvc.Completions;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Usage;

/// <summary>
/// A month of one person's requests as CSV (RFC 4180), oldest first, one line each. It begins with a byte order mark, as
/// spreadsheets take the file for their country's old code page without one; what else reads CSV skips it.
/// </summary>
public sealed class UsageFile(ChatDb db, BillingSettings billing)
{
    /// <summary>Requests read at once: no reading lasts while a slow line takes what was read.</summary>
    private const int Piece = 1_000;
    private const string Head = "time,chat,model,kind,outcome,paid by,tokens in,cached,cache-written,tokens out,reasoning,cost USD,estimate\r\n";

    private readonly bool isOwnKey = billing.Provider == BillingProvider.None;

    public async Task WriteAsync(User person, Month month, TimeZoneInfo zone, Stream output, CancellationToken cancellation)
    {
        await using var text = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true);
        await text.WriteAsync(Head);
        var (from, until) = month.In(zone);
        var last = 0L;
        while (true)
        {
            var piece = await ReadAsync(person.Id, from, last, until, cancellation);
            foreach (var line in piece) await text.WriteAsync(Line(line, zone));
            await text.FlushAsync(cancellation);
            if (piece.Count < Piece) return;
            (from, last) = (piece[^1].Request.StartedAt, piece[^1].Request.Id);
        }
    }

    /// <summary>
    /// A field, quoted where it has to be. What a spreadsheet would take for a formula is led by an apostrophe, as it is
    /// typed there: a title is anybody's text.
    /// </summary>
    public static string Field(string text)
    {
        if (text.AsSpan().TrimStart(' ') is [var first, ..] && "=+-@\t\r\n＝＋－＠".Contains(first)) text = "'" + text;
        return text.AsSpan().ContainsAny(",\"\r\n\t") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    // By the index of a person's requests, going on after the last one.
    private Task<List<Row>> ReadAsync(long userId, DateTimeOffset from, long last, DateTimeOffset until, CancellationToken cancellation) =>
        db.Completions.AsNoTracking()
            .Where(c => c.UserId == userId && c.StartedAt >= from && c.StartedAt < until && (c.StartedAt > from || c.Id > last))
            .Where(c => c.FinishedAt != null && (isOwnKey || c.Kind == CompletionKind.Answer && (c.Payer != Payer.Operator || c.Outcome != "failed" && c.Outcome != Completion.Interrupted)))
            .OrderBy(c => c.StartedAt).ThenBy(c => c.Id).Take(Piece)
            .Select(c => new Row(c, db.Chats.Where(chat => chat.Id == c.ChatId && chat.DeletedAt == null && chat.Members.Any(m => m.UserId == userId))
                .Select(chat => chat.Title).FirstOrDefault()))
            .ToListAsync(cancellation);

    private string Line(Row row, TimeZoneInfo zone)
    {
        var request = row.Request;
        return string.Join(',', [
            TimeZoneInfo.ConvertTime(request.StartedAt, zone).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
            Field(row.Chat ?? "Deleted chat"), Field(request.Model), request.Kind.ToString().ToLowerInvariant(), Field(request.Outcome ?? ""), PaidBy(request),
            Number(request.PromptTokens), Number(request.CachedTokens), Number(request.CacheWriteTokens), Number(request.CompletionTokens), Number(request.ReasoningTokens),
            request.ShownMicros is { } micros ? new Usd(micros).Dollars.ToString("0.000000", CultureInfo.InvariantCulture) : "unknown",
            request.IsEstimate ? "yes" : "no"]) + "\r\n";
    }

    private string PaidBy(Completion request) => request.Payer == Payer.Operator && isOwnKey ? "own key" : request.Payer.ToString().ToLowerInvariant();

    private static string Number(long? tokens) => tokens?.ToString(CultureInfo.InvariantCulture) ?? "";

    private sealed record Row(Completion Request, string? Chat);
}
