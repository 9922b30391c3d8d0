using Microsoft.Data.Sqlite;

namespace ChatMvc.Jobs;

/// <summary>jobs.db on the disk: private to its owner, checked at start, set aside when it is damaged.</summary>
internal sealed class JobFile(JobSettings settings, TimeProvider time, ILogger<JobFile> logger)
{
    private const int MaxAside = 3; // damaged files kept beside the new one
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly string[] Companions = ["", "-wal", "-shm"];

    public string Path { get; } = System.IO.Path.GetFullPath(settings.DatabaseFile);

    /// <summary>Makes the file when it is missing and checks it otherwise; returns what is wrong with it, or null.</summary>
    /// <exception cref="SqliteException">The disk, a lock or a permission is in the way: nothing a new file would cure.</exception>
    public string? Prepare()
    {
        MakePrivate();
        try
        {
            return QuickCheck() is var answer and not "ok" ? answer : null;
        }
        catch (SqliteException exception) when (IsDamage(exception))
        {
            return exception.Message;
        }
    }

    /// <summary>SQLITE_CORRUPT and SQLITE_NOTADB; SQLITE_ERROR is a schema that is not ours.</summary>
    public static bool IsDamage(SqliteException exception) => exception.SqliteErrorCode is 1 or 11 or 26;

    /// <summary>Renames the file and its companions with the time, and deletes the oldest beyond three.</summary>
    public void SetAside(string reason)
    {
        var aside = $"{Path}.{time.GetUtcNow():yyyyMMdd'T'HHmmssfff'Z'}.damaged";
        foreach (var companion in Companions.Where(companion => File.Exists(Path + companion)))
            File.Move(Path + companion, aside + companion);
        JobLog.SetAside(logger, Path, aside, reason);
        foreach (var old in AsideFiles().SkipLast(MaxAside))
            foreach (var companion in Companions)
                File.Delete(old + companion);
    }

    // The names end in their time, so their order is that of the times.
    private IEnumerable<string> AsideFiles() =>
        Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!, $"{System.IO.Path.GetFileName(Path)}.*.damaged").Order(StringComparer.Ordinal);

    // SQLite gives its -wal and -shm files the mode of the database.
    private void MakePrivate()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        if (OperatingSystem.IsWindows())
            return;
        using (new FileStream(Path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = OwnerOnly }))
            File.SetUnixFileMode(Path, OwnerOnly);
    }

    private string QuickCheck()
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA quick_check(1)";
        using var reader = command.ExecuteReader();
        reader.NextResult();
        reader.Read();
        return reader.GetString(0);
    }
}
