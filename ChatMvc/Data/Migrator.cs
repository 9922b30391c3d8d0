using System.Reflection;
using ChatMvc.Shared;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ChatMvc.Data;

/// <summary>Brings <c>chat.db</c> to the schema of this program, at start, while the data directory's lock is held.</summary>
public static class Migrator
{
    /// <summary>The migrations that this program knows, oldest first: they are read off their classes, which starts no EF.</summary>
    private static readonly IReadOnlyList<string> Known =
    [
        .. typeof(Migrator).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Migration)))
            .Select(t => t.GetCustomAttribute<MigrationAttribute>()!.Id).Order(StringComparer.Ordinal),
    ];

    /// <summary>Whether anything is to be done. Nearly every start finds a file of its own schema, and needs one statement to see it.</summary>
    /// <exception cref="SettingsException">The file is from a newer program, or is no database.</exception>
    public static bool IsCurrent(SqliteConnection chat)
    {
        try
        {
            var applied = Applied(chat);
            if (applied.FirstOrDefault(id => !Known.Contains(id)) is { } newer)
                throw new SettingsException($"chat.db was written by a newer ChatMvc (migration {newer}). Start that version.");
            return applied.Count == Known.Count;
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            throw Damaged();
        }
    }

    /// <summary>Applies what is missing, one migration after the other, after a copy of the file was taken.</summary>
    /// <param name="db">The database.</param>
    /// <param name="keepCopy">Whether a copy is taken; a new file has nothing to lose.</param>
    /// <returns>The migrations that were applied.</returns>
    /// <exception cref="SettingsException">The file is no database, or there is no room for the copy.</exception>
    public static IReadOnlyList<string> Migrate(ChatDb db, bool keepCopy = true)
    {
        try
        {
            var chat = (SqliteConnection)db.Database.GetDbConnection();
            db.Database.OpenConnection();
            var applied = Applied(chat);
            var missing = Known.Except(applied).ToList();
            if (keepCopy && applied.Count > 0) MigrationCopy.Take(chat.DataSource, missing[0], WasCutOff(chat));
            // Whoever left this lock behind is gone: we hold the directory's own.
            db.Database.ExecuteSqlRaw("DROP TABLE IF EXISTS __EFMigrationsLock");
            db.Database.ExecuteSqlRaw("PRAGMA journal_mode=WAL");
            db.Database.Migrate();
            return missing;
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            throw Damaged();
        }
        finally
        {
            db.Database.CloseConnection();
        }
    }

    internal static bool IsDamage(SqliteException e) => e.SqliteErrorCode is NotADatabase or Corrupt;

    internal static SettingsException Damaged() => new("chat.db is damaged or no database. Restore a backup.");

    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    // EF writes a row when it begins, and takes it away when it is done.
    private static bool WasCutOff(SqliteConnection chat)
    {
        using var command = chat.CreateCommand();
        if (!HasTable(command, "__EFMigrationsLock")) return false;
        command.CommandText = "SELECT count(*) FROM __EFMigrationsLock";
        return (long)command.ExecuteScalar()! > 0;
    }

    private static bool HasTable(SqliteCommand command, string name)
    {
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = $name";
        command.Parameters.AddWithValue("$name", name);
        var count = (long)command.ExecuteScalar()!;
        command.Parameters.Clear();
        return count > 0;
    }

    private static List<string> Applied(SqliteConnection chat)
    {
        using var command = chat.CreateCommand();
        if (!HasTable(command, "__EFMigrationsHistory")) return [];
        command.CommandText = "SELECT MigrationId FROM __EFMigrationsHistory";
        using var rows = command.ExecuteReader();
        var ids = new List<string>();
        while (rows.Read()) ids.Add(rows.GetString(0));
        return ids;
    }
}
