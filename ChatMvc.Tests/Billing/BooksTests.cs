using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Chats;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Xunit.Abstractions;

namespace ChatMvc.Tests.Billing;

/// <summary>Whatever happens, the books balance; and where they do not, the check says so.</summary>
public sealed class BooksTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(20_261_121)]
    [InlineData(7)]
    public async Task Random_calls_stops_failures_payments_and_prices_leave_books_that_balance(int seed)
    {
        var result = await RandomBooks.RunAsync(seed, steps: 100, output.WriteLine);

        output.WriteLine(result.ToString());
        Assert.Empty(result.Problems);
        // It was not idle.
        Assert.True(result is { Sent: > 20, Charged: > 5, Stopped: > 1, Failed: > 1 }, result.ToString());
    }

    [Theory]
    [InlineData("UPDATE LedgerEntries SET AmountMicros = AmountMicros - 1 WHERE Kind = 'TopUp'", "A balance does not continue")]
    [InlineData("DELETE FROM LedgerEntries WHERE Kind = 'Settle'", "A hold is open although")]
    [InlineData("DELETE FROM LedgerEntries WHERE Kind = 'Hold'", "A hold ended twice, or ended without")]
    [InlineData("UPDATE LedgerEntries SET AmountMicros = AmountMicros + 1000000 WHERE Kind = 'Settle'", "An answer was charged more than its hold, or less than nothing")]
    [InlineData("UPDATE Messages SET State = 'Failed' WHERE Role = 'Assistant'", "A failed answer was charged")]
    [InlineData("UPDATE Messages SET Payer = 'Allowance' WHERE Role = 'Assistant'", "A free answer was done without being counted")]
    [InlineData("UPDATE Completions SET ChargedMicros = ChargedMicros + 1", "What credit paid for an answer is not")]
    [InlineData("UPDATE Completions SET CostMicros = CostMicros + 5 WHERE Kind = 'Answer'", "A request does not cost its tokens")]
    [InlineData("UPDATE DailyCosts SET Micros = Micros + 1 WHERE UserId = 0", "A day's sum is not")]
    [InlineData("UPDATE DailyCosts SET Micros = Micros + 1 WHERE UserId <> 0", "A day's sum is not")]
    [InlineData("DELETE FROM DailyCosts", "A day's sum is not")]
    [InlineData("UPDATE Completions SET FinishedAt = NULL WHERE Kind = 'Answer'", "A request is open although")]
    [InlineData("DELETE FROM LedgerEntries WHERE AnswerId IS NOT NULL", "An answer on credit has no hold")]
    [InlineData("DELETE FROM LedgerEntries WHERE Kind IN ('Hold', 'Settle')", "A request was charged without an entry")]
    [InlineData("INSERT INTO AllowanceUses (UserId, AnswerId, TakenAt) SELECT AskedById, Id, 1 FROM Messages WHERE Role = 'Assistant'; UPDATE Messages SET State = 'Failed' WHERE Role = 'Assistant'",
        "A free message was not given back")]
    [InlineData("INSERT INTO Purchases (Key, UserId, LiveMode, Kind, AmountCents, State, SessionId, CreatedAt) SELECT 'k', Id, 0, 'TopUp', 500, 'Paid', 'cs_1', 1 FROM Users LIMIT 1",
        "A paid top-up has not become credit")]
    public async Task What_does_not_balance_is_found(string tampering, string words)
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=0");
        using var maya = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 5);
        app.OpenAI.Behaviour = new() { Text = "Here it is.", Usage = new(1_000, 100), FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        await maya.LastAnswerAsync(await maya.StartChatAsync("What does it cost?"));
        await Rooms.EventuallyAsync(async () => !await app.ReadAsync(db => db.Completions.AnyAsync(c => c.FinishedAt == null)), "all requests have ended");
        Assert.Empty(Check(app));

        await app.SqlAsync("""DROP TRIGGER "LedgerEntries_are_never_changed"; DROP TRIGGER "LedgerEntries_are_never_removed";""");
        await app.SqlAsync(tampering);

        Assert.Contains(Check(app), finding => finding.Words.StartsWith(words, StringComparison.Ordinal));
    }

    internal static IReadOnlyList<BooksFinding> Check(TestApp app)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(app.Folder, "chat.db")};Mode=ReadOnly;Pooling=False");
        database.Open();
        return BooksCheck.Run(database);
    }
}
