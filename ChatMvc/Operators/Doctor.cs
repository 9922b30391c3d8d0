using ChatMvc.Billing.Ledger;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Operators;

/// <summary>Looks a data directory over, whether or not a server runs on it, and changes nothing.</summary>
internal static class Doctor
{
    /// <summary>One line for each finding, with its remedy; a single one when all is well.</summary>
    /// <param name="settings">To find the directory by.</param>
    /// <returns>Whether all is well, and the lines.</returns>
    public static (bool IsWell, IReadOnlyList<string> Lines) Examine(ServerSettings settings)
    {
        var file = Path.Combine(DataDirectory.PathOf(settings.DataDirectory), "chat.db");
        if (!File.Exists(file)) return (false, [$"{file} is not there. Start the server once, or say where it is with --DataDirectory."]);
        try
        {
            using var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
            database.Open();
            var findings = BooksCheck.Run(database);
            return findings.Count == 0
                ? (true, ["The books balance: every sum, hold and day agrees with its rows."])
                : (false, [.. findings.Select(Line)]);
        }
        catch (SqliteException e)
        {
            return (false, [$"{file} cannot be read: {e.Message.TrimEnd('.')}. Restore the newest backup if it is damaged."]);
        }
    }

    private static string Line(BooksFinding finding) =>
        $"{finding.Words}: {finding.Count} (ids {string.Join(", ", finding.Samples)}{(finding.Count > finding.Samples.Count ? ", …" : "")}). {finding.Remedy}";
}
