using System.Globalization;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Backups;

/// <summary>
/// Puts a backup in the place of a data directory whose lock is held. Everything is unpacked and proved beside it first;
/// then what was there is set aside, and the database comes last.
/// </summary>
/// <param name="directory">The data directory.</param>
/// <param name="time">For the name of what is set aside.</param>
internal sealed class Restore(DataDirectory directory, TimeProvider time)
{
    private const string Unpacked = "restoring.unfinished";
    /// <summary>Stands while files change their places: a server must not begin with half of them.</summary>
    private const string Moving = "restoring";
    /// <summary>All that belongs to a database, and would lead astray beside another.</summary>
    private static readonly IReadOnlyList<string> Kept =
        ["chat.db", "chat.db-wal", "chat.db-shm", "jobs.db", "jobs.db-wal", "jobs.db-shm", "running", BackupFile.SandboxJournal, .. BackupFile.Folders, "exports", "unsent"];

    /// <exception cref="SettingsException">A restore was cut off while it moved files.</exception>
    public static void RefuseHalf(string directory)
    {
        if (Directory.Exists(Path.Combine(directory, Moving)))
            throw new SettingsException($"A restore into DataDirectory {directory} was cut off. Give the restore command again, with --replace.");
    }

    /// <param name="file">The backup.</param>
    /// <returns>What was done, in words.</returns>
    /// <exception cref="InvalidDataException">It is no backup, or not a whole one. Nothing was changed.</exception>
    /// <exception cref="SettingsException">A newer program made it. Nothing was changed.</exception>
    /// <exception cref="IOException">The disk is full, or a file cannot be read or written.</exception>
    public string Run(string file)
    {
        var unpacked = Path.Combine(directory.Path, Unpacked);
        DeleteFolder(unpacked);
        string counts;
        DateTimeOffset madeAt;
        try
        {
            madeAt = Unpack(file, unpacked);
            counts = Prepare(file, Path.Combine(unpacked, BackupFile.ChatDatabase), madeAt);
        }
        catch
        {
            DeleteFolder(unpacked);
            throw;
        }
        var moving = Path.Combine(directory.Path, Moving);
        DeleteFolder(moving);
        Directory.Move(unpacked, moving);
        var aside = SetAside();
        Steps.Reached(Steps.SetAside);
        foreach (var name in BackupFile.Folders.Append(BackupFile.SandboxJournal).Append(BackupFile.ChatDatabase)) Move(moving, name, directory.Path);
        DeleteFolder(moving);
        return string.Create(CultureInfo.InvariantCulture, $"Restored the backup of {madeAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {counts}.")
            + (aside is null ? "" : $" What was here lies in {aside}; remove it when all is well.") + " Start the server.";
    }

    private static DateTimeOffset Unpack(string file, string folder)
    {
        PrivateFile.Folder(folder);
        foreach (var name in BackupFile.Folders) PrivateFile.Folder(Path.Combine(folder, name));
        using var backup = File.OpenRead(file);
        return DateTimeOffset.FromUnixTimeMilliseconds(BackupFile.Read(backup, name => CreateNew(Path.Combine(folder, name))).MadeAt);
    }

    // A name that comes twice is no backup of ours.
    private static FileStream CreateNew(string path) =>
        File.Exists(path) ? throw new InvalidDataException("It holds a file twice.") : PrivateFile.Create(path);

    private string Prepare(string file, string database, DateTimeOffset madeAt)
    {
        if (ChatSnapshot.ComplaintsAbout(database) is [var complaint, ..]) throw new InvalidDataException($"Its chat.db is damaged: {complaint.TrimEnd('.')}.");
        var options = new DbContextOptionsBuilder<ChatDb>();
        DataSetup.UseSqlite(options, database);
        using var db = new ChatDb(options.Options);
        db.Database.OpenConnection();
        var connection = (SqliteConnection)db.Database.GetDbConnection();
        // What is unpacked needs no copy: the backup is one.
        if (!Migrator.IsCurrent(connection)) Migrator.Migrate(db, keepCopy: false);
        var made = new BackupMade(Path.GetFullPath(file), new FileInfo(file).Length, madeAt);
        RestoredChats.Settle(db, made, time.GetUtcNow());
        var counts = string.Create(CultureInfo.InvariantCulture, $"{db.Users.Count(u => u.DeletedAt == null)} people, {db.Chats.Count()} chats, {db.Messages.Count()} messages");
        // Into the one file that is moved.
        db.Database.ExecuteSqlRaw("PRAGMA wal_checkpoint(TRUNCATE)");
        db.Database.CloseConnection();
        SqliteConnection.ClearPool(connection);
        return counts;
    }

    private string? SetAside()
    {
        var names = Kept.Where(IsSomething).ToList();
        if (names.Count == 0) return null;
        var aside = PrivateFile.Folder(Path.Combine(directory.Path, $"before-restore-{time.GetUtcNow().UtcDateTime:yyyyMMdd'T'HHmmss'Z'}"));
        foreach (var name in names) Move(directory.Path, name, aside);
        return aside;
    }

    private bool IsSomething(string name) => Path.Combine(directory.Path, name) is var path
        && (File.Exists(path) || Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any());

    private static void Move(string from, string name, string to)
    {
        var (source, target) = (Path.Combine(from, name), Path.Combine(to, name));
        if (File.Exists(source)) File.Move(source, target);
        else if (Directory.Exists(source))
        {
            // Empty: what was in it is set aside.
            if (Directory.Exists(target)) Directory.Delete(target);
            Directory.Move(source, target);
        }
    }

    private static void DeleteFolder(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }
}
