using ChatMvc.Shared;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ChatMvc.Data;

/// <summary>Brings <c>chat.db</c> to the schema of this program, at start, while the data directory's lock is held.</summary>
public static class Migrator
{
    /// <exception cref="SettingsException">The file is from a newer program, or is no database.</exception>
    public static void Migrate(ChatDb db)
    {
        try
        {
            var known = db.GetService<IMigrationsAssembly>().Migrations.Keys.ToHashSet();
            var applied = Applied(db);
            if (applied.FirstOrDefault(id => !known.Contains(id)) is { } newer)
                throw new SettingsException($"chat.db was written by a newer ChatMvc (migration {newer}). Start that version.");
            if (applied.Count == known.Count) return;
            // Whoever left this lock behind is gone: we hold the directory's own.
            db.Database.ExecuteSqlRaw("DROP TABLE IF EXISTS __EFMigrationsLock");
            db.Database.ExecuteSqlRaw("PRAGMA journal_mode=WAL");
            db.Database.Migrate();
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            throw Damaged();
        }
    }

    internal static bool IsDamage(SqliteException e) => e.SqliteErrorCode is NotADatabase or Corrupt;

    internal static SettingsException Damaged() => new("chat.db is damaged or no database. Restore a backup.");

    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    private static List<string> Applied(ChatDb db) =>
        db.Database.SqlQueryRaw<int>("SELECT count(*) AS Value FROM sqlite_master WHERE name = '__EFMigrationsHistory'").Single() == 0
            ? []
            : db.Database.SqlQueryRaw<string>("SELECT MigrationId AS Value FROM __EFMigrationsHistory").ToList();
}
