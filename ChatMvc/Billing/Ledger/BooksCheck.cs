using Microsoft.Data.Sqlite;

namespace ChatMvc.Billing.Ledger;

/// <summary>Something in the books that cannot be.</summary>
/// <param name="Words">What, in one sentence.</param>
/// <param name="Count">How often.</param>
/// <param name="Samples">The first ids, at most five.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record BooksFinding(string Words, long Count, IReadOnlyList<long> Samples, string Remedy);

/// <summary>
/// Proves the books from the rows alone: sums, orphans, doubles, and the two properties that hold at all times. What credit
/// was charged is the sum over its done and stopped answers, each at most its hold; what the days cost is what the requests
/// cost. One snapshot, read only.
/// </summary>
public static class BooksCheck
{
    private const int Samples = 5;
    private const string Report = "Keep a copy of the data directory and report it: no remedy of ours changes a booked row.";
    private const string Book = "Book the difference with an adjustment, and report how it came to be.";
    private const string Restart = "It is repaired when the answer ends; if it stays after a restart, report it.";

    // Each yields the ids of what is wrong.
    private static readonly (string Words, string Remedy, string Sql)[] Checks =
    [
        ("A balance does not continue the one before it", Report, """
            SELECT Id FROM (
                SELECT Id, BalanceMicros, SUM(AmountMicros) OVER (PARTITION BY UserId, LiveMode ORDER BY Id) AS Total FROM LedgerEntries)
            WHERE BalanceMicros <> Total
            """),
        ("A hold ended twice, or ended without having begun", Report, """
            SELECT MIN(Id) FROM LedgerEntries WHERE AnswerId IS NOT NULL GROUP BY AnswerId
            HAVING SUM(Kind = 'Hold') <> 1 OR SUM(Kind IN ('Settle', 'Release')) > 1
            """),
        ("An answer was charged more than its hold, or less than nothing", Book, """
            SELECT MIN(Id) FROM LedgerEntries WHERE AnswerId IS NOT NULL GROUP BY AnswerId
            HAVING SUM(AmountMicros) > 0 OR SUM(AmountMicros) < SUM(CASE WHEN Kind = 'Hold' THEN AmountMicros ELSE 0 END)
            """),
        ("A hold is open although its answer has ended or is gone", Restart, """
            SELECT e.Id FROM LedgerEntries e LEFT JOIN Messages m ON m.Id = e.AnswerId
            WHERE e.Kind = 'Hold' AND (m.Id IS NULL OR m.State NOT IN ('Queued', 'Streaming'))
              AND NOT EXISTS (SELECT 1 FROM LedgerEntries x WHERE x.AnswerId = e.AnswerId AND x.Kind IN ('Settle', 'Release'))
            """),
        ("An answer on credit has no hold", Report, """
            SELECT m.Id FROM Messages m
            WHERE m.Payer = 'Credit' AND NOT EXISTS (SELECT 1 FROM LedgerEntries e WHERE e.AnswerId = m.Id AND e.Kind = 'Hold')
            """),
        ("A failed answer was charged", Book, """
            SELECT m.Id FROM Messages m JOIN LedgerEntries e ON e.AnswerId = m.Id WHERE m.State = 'Failed' AND e.Kind = 'Settle'
            """),
        ("What credit paid for an answer is not what its request says", Report, """
            SELECT e.AnswerId FROM LedgerEntries e WHERE e.AnswerId IS NOT NULL GROUP BY e.AnswerId
            HAVING SUM(e.Kind = 'Settle') = 1
              AND -SUM(e.AmountMicros) <> COALESCE((SELECT SUM(c.ChargedMicros) FROM Completions c WHERE c.MessageId = e.AnswerId AND c.Kind = 'Answer'), 0)
            """),
        ("A request was charged without an entry in the books", Report, """
            SELECT c.Id FROM Completions c WHERE c.ChargedMicros IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM LedgerEntries e WHERE e.AnswerId = c.MessageId AND e.Kind = 'Settle')
            """),
        ("A free message was not given back for a failed answer", "It comes back with the window; report how it came to be.", """
            SELECT u.Id FROM AllowanceUses u JOIN Messages m ON m.Id = u.AnswerId WHERE m.State = 'Failed' AND u.GivenBackAt IS NULL
            """),
        ("A free answer was done without being counted", Report, """
            SELECT m.Id FROM Messages m
            WHERE m.Payer = 'Allowance' AND m.State = 'Done' AND m.Role = 'Assistant'
              AND NOT EXISTS (SELECT 1 FROM AllowanceUses u WHERE u.AnswerId = m.Id AND u.GivenBackAt IS NULL)
            """),
        ("A request is open although its answer has ended", Restart, """
            SELECT c.Id FROM Completions c JOIN Messages m ON m.Id = c.MessageId
            WHERE c.FinishedAt IS NULL AND c.Kind = 'Answer' AND m.State NOT IN ('Queued', 'Streaming')
            """),
        ("A request does not cost its tokens at its prices", Report, """
            SELECT Id FROM Completions
            WHERE FinishedAt IS NOT NULL AND InputPriceMicros IS NOT NULL AND ABS(CostMicros - (
                (PromptTokens - CachedTokens - CacheWriteTokens) * InputPriceMicros + CachedTokens * CachedPriceMicros
                + CacheWriteTokens * CacheWritePriceMicros + CompletionTokens * OutputPriceMicros) / 1000000) > 1
            """),
        ("A day's sum is not that of its requests", Report, """
            WITH Days AS (
                SELECT UserId, CAST(StartedAt / 86400000 AS INTEGER) + 719162 AS Day, SUM(COALESCE(CostMicros, 0)) AS Micros
                FROM Completions GROUP BY 1, 2)
            SELECT d.UserId FROM Days d LEFT JOIN DailyCosts c ON c.UserId = d.UserId AND c.Day = d.Day WHERE d.Micros <> COALESCE(c.Micros, 0)
            UNION ALL
            SELECT c.UserId FROM DailyCosts c LEFT JOIN Days d ON d.UserId = c.UserId AND d.Day = c.Day
            WHERE c.UserId <> 0 AND c.Micros <> 0 AND d.UserId IS NULL
            UNION ALL
            SELECT s.Day FROM DailyCosts s WHERE s.UserId = 0
              AND s.Micros <> (SELECT COALESCE(SUM(p.Micros), 0) FROM DailyCosts p WHERE p.Day = s.Day AND p.UserId <> 0)
            """),
        ("A paid top-up has not become credit, or not for its amount", "Stripe is asked again within a day; if it stays, book an adjustment.", """
            SELECT p.Id FROM Purchases p
            WHERE p.Kind = 'TopUp' AND p.State = 'Paid'
              AND COALESCE((SELECT SUM(e.AmountMicros) FROM LedgerEntries e WHERE e.Kind = 'TopUp' AND e.Reference IN (p.PaymentIntentId, p.SessionId)), 0) <> p.AmountCents * 10000
            """),
    ];

    /// <summary>Everything that is wrong; empty for books that balance.</summary>
    /// <param name="database">An open connection to <c>chat.db</c>; it is only read.</param>
    public static IReadOnlyList<BooksFinding> Run(SqliteConnection database)
    {
        using var snapshot = database.BeginTransaction(deferred: true);
        return [.. Checks.Select(check => Run(database, snapshot, check.Words, check.Remedy, check.Sql)).OfType<BooksFinding>()];
    }

    private static BooksFinding? Run(SqliteConnection database, SqliteTransaction snapshot, string words, string remedy, string sql)
    {
        using var command = database.CreateCommand();
        command.Transaction = snapshot;
#pragma warning disable CA2100 // one of the constants above
        command.CommandText = sql;
#pragma warning restore CA2100
        var (count, samples) = (0L, new List<long>());
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            count++;
            if (samples.Count < Samples) samples.Add(rows.GetInt64(0));
        }
        return count == 0 ? null : new BooksFinding(words, count, samples, remedy);
    }
}
