using System.Globalization;
using ChatMvc.Billing.Ledger;
using ChatMvc.Data;
using ChatMvc.Operators.State;
using ChatMvc.Shared;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Operators.Examination;

/// <summary><c>chat.db</c>: its pages, its rows, its books, and when it was backed up. It is only read, also beside a server.</summary>
internal static class DatabaseCheck
{
    private static readonly TimeSpan OldBackup = TimeSpan.FromDays(2);

    /// <param name="file">The database.</param>
    /// <param name="now">To tell the age of the newest backup.</param>
    public static IEnumerable<Finding> Run(string file, DateTimeOffset now)
    {
        try
        {
            using var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
            database.Open();
            return [.. Examine(database, now)];
        }
        catch (SqliteException e)
        {
            return [Finding.Wrong($"{file} cannot be read: {e.Message.TrimEnd('.')}.", "Restore the newest backup if it is damaged.")];
        }
        catch (SettingsException e)
        {
            return [Finding.Wrong(e.Message, "Or restore a backup from before, with the program that made it.")];
        }
    }

    private static IEnumerable<Finding> Examine(SqliteConnection database, DateTimeOffset now)
    {
        var complaints = ChatSnapshot.ComplaintsOf(database);
        if (complaints.Count == 0) yield return Finding.Well("chat.db is sound: every page, index and reference.");
        foreach (var complaint in complaints) yield return Finding.Wrong($"chat.db is damaged: {complaint.TrimEnd('.')}.", "Stop the server, keep a copy, and restore the newest backup.");
        if (!Migrator.IsCurrent(database))
        {
            yield return Finding.Note("chat.db has the schema of an older program.", "The next start brings it up to date, after a copy; its books are examined then.");
            yield break;
        }
        var books = BooksCheck.Run(database);
        if (books.Count == 0) yield return Finding.Well("The books balance: every sum, hold and day agrees with its rows.");
        foreach (var finding in books)
            yield return Finding.Wrong($"{finding.Words}: {finding.Count} (ids {string.Join(", ", finding.Samples)}{(finding.Count > finding.Samples.Count ? ", …" : "")}).", finding.Remedy);
        yield return Backup(database, now);
    }

    private static Finding Backup(SqliteConnection database, DateTimeOffset now)
    {
        const string remedy = "Make one with the command backup, and see to it that the timer runs: systemctl status chatmvc-backup.timer";
        using var command = database.CreateCommand();
        command.CommandText = "SELECT Value FROM ServerFacts WHERE Name = $name";
        command.Parameters.AddWithValue("$name", ServerFacts.LastBackup);
        if (command.ExecuteScalar() is not string fact || !long.TryParse(fact.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var madeAt))
            return Finding.Note("The server knows of no backup.", remedy);
        var age = now - DateTimeOffset.FromUnixTimeMilliseconds(madeAt);
        var words = string.Create(CultureInfo.InvariantCulture, $"The newest backup is {(age.TotalHours < 48 ? $"{(long)age.TotalHours} hours" : $"{(long)age.TotalDays} days")} old.");
        return age > OldBackup ? Finding.Wrong(words, remedy) : Finding.Well(words);
    }
}
