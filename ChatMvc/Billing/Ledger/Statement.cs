using ChatMvc.Chats;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Billing.Ledger;

/// <summary>One line of what a person sees of the books: an answer's hold and settlement are one.</summary>
/// <param name="Id">The entry's, by which pages go on.</param>
/// <param name="At">When it was booked.</param>
/// <param name="Kind">What it was.</param>
/// <param name="Amount">Signed; of an answer that is being written, its hold.</param>
/// <param name="IsOpen">Whether an answer is still being written.</param>
/// <param name="Reason">As it was booked.</param>
/// <param name="Chat">The answer's chat, where it is still there: its key and title, and the answer's id.</param>
/// <param name="ReceiptUrl">Stripe's, of a payment.</param>
public sealed record StatementLine(
    long Id, DateTimeOffset At, LedgerKind Kind, Usd Amount, bool IsOpen, string? Reason, (string Key, string Title, long AnswerId)? Chat, string? ReceiptUrl)
{
    /// <summary>What happened, in a few words.</summary>
    public string Words => Kind switch
    {
        LedgerKind.Hold => IsOpen ? "Held for an answer" : "Answer",
        LedgerKind.TopUp => "Credit added",
        LedgerKind.Refund => "Refund",
        LedgerKind.RefundReversal => "Refund failed",
        LedgerKind.Dispute => "Dispute",
        LedgerKind.DisputeReversal => "Dispute settled",
        _ => "Adjustment",
    };
}

/// <summary>A person's credit, newest first, by pages. What was held and given back whole is left out: nothing moved.</summary>
public sealed class Statement(CreditLedger ledger)
{
    public const int LinesPerPage = 25;

    /// <summary>At most one line more than a page, which tells that there are older ones.</summary>
    public async Task<List<StatementLine>> OfAsync(ChatDb db, long userId, long? before, CancellationToken cancellation)
    {
        var (live, below) = (ledger.LiveMode, before ?? long.MaxValue);
        var rows = await db.LedgerEntries.AsNoTracking()
            .Where(e => e.UserId == userId && e.LiveMode == live && e.Id < below
                && e.Kind != LedgerKind.Settle && e.Kind != LedgerKind.Release
                && !(e.Kind == LedgerKind.Hold && db.LedgerEntries.Any(r => r.AnswerId == e.AnswerId && r.Kind == LedgerKind.Release)))
            .OrderByDescending(e => e.Id).Take(LinesPerPage + 1)
            .Select(e => new
            {
                e.Id,
                e.CreatedAt,
                e.Kind,
                e.AmountMicros,
                e.Reason,
                e.AnswerId,
                Settled = db.LedgerEntries.Where(s => s.AnswerId == e.AnswerId && s.Kind == LedgerKind.Settle).Select(s => (long?)s.AmountMicros).FirstOrDefault(),
                Chat = db.Messages.Where(m => m.Id == e.AnswerId && m.DeletedAt == null && m.Chat.DeletedAt == null && m.Chat.Members.Any(p => p.UserId == userId))
                    .Select(m => new { m.Chat.Key, m.Chat.Title }).FirstOrDefault(),
                Receipt = db.Purchases.Where(p => p.UserId == userId && e.Kind == LedgerKind.TopUp && p.PaymentIntentId == e.Reference).Select(p => p.ReceiptUrl).FirstOrDefault(),
            })
            .ToListAsync(cancellation);
        return [.. rows.Select(r => new StatementLine(
            r.Id, r.CreatedAt, r.Kind, new Usd(r.AmountMicros + (r.Settled ?? 0)), r.Kind == LedgerKind.Hold && r.Settled is null, r.Reason,
            r.Chat is { } chat ? (chat.Key, chat.Title, r.AnswerId!.Value) : null, r.Receipt))];
    }
}
