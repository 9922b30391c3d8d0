using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ChatMvc.Data;

/// <summary>A copy of <c>chat.db</c> as it is at one moment, while a server writes to it.</summary>
internal static class ChatSnapshot
{
    /// <summary>Four megabytes.</summary>
    private const int PagesPerStep = 1_024;
    private const int AllPages = -1;
    private const int MaxComplaints = 10;

    /// <summary>Copies page by page into a new file, private to its owner, and puts it safely on the disk.</summary>
    /// <param name="source">The database; it is only read.</param>
    /// <param name="target">What lies there is overwritten.</param>
    /// <param name="afterStep">Called after each four megabytes; null to copy in one go.</param>
    /// <exception cref="SqliteException">The source cannot be read, or the target not be written: also where the disk is full.</exception>
    public static void Take(string source, string target, Action? afterStep = null)
    {
        using (PrivateFile.Create(target)) { }
        // Opened first and closed last: to close a file drops the locks that SQLite has on it.
        using var onDisk = File.OpenHandle(target, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using (var from = Open(source, raw.SQLITE_OPEN_READONLY))
        using (var to = Open(target, raw.SQLITE_OPEN_READWRITE))
        {
            // One reading for the whole copy: else it would begin anew whenever another process has written.
            Run(from, "BEGIN; SELECT count(*) FROM sqlite_master");
            // Nobody takes it for a database before it is whole, and what brings it to the disk is the flush.
            Run(to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");
            Copy(from, to, afterStep is null ? AllPages : PagesPerStep, () =>
            {
                RandomAccess.FlushToDisk(onDisk);
                afterStep?.Invoke();
            });
        }
        RandomAccess.FlushToDisk(onDisk);
    }

    /// <summary>What SQLite finds wrong with a file that nobody writes to; empty when it is sound.</summary>
    /// <exception cref="SqliteException">It is no database.</exception>
    public static IReadOnlyList<string> ComplaintsAbout(string file)
    {
        // Immutable: no -wal and no -shm is made beside it.
        using var database = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = new Uri(file).AbsoluteUri + "?immutable=1",
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        database.Open();
        return ComplaintsOf(database);
    }

    /// <summary>The same of an open database, also one that is written to meanwhile.</summary>
    public static IReadOnlyList<string> ComplaintsOf(SqliteConnection database) =>
    [
        .. Read(database, $"SELECT integrity_check FROM pragma_integrity_check({MaxComplaints}) WHERE integrity_check <> 'ok'"),
        .. Read(database, $"SELECT 'A row of ' || \"table\" || ' has lost its ' || parent FROM pragma_foreign_key_check LIMIT {MaxComplaints}"),
    ];

    private static void Copy(sqlite3 from, sqlite3 to, int pages, Action afterStep)
    {
        var backup = raw.sqlite3_backup_init(to, "main", from, "main");
        if (backup is null || backup.IsInvalid) throw Failure(raw.sqlite3_errcode(to));
        int step;
        try
        {
            while ((step = raw.sqlite3_backup_step(backup, pages)) == raw.SQLITE_OK) afterStep();
        }
        finally
        {
            _ = raw.sqlite3_backup_finish(backup);
        }
        if (step != raw.SQLITE_DONE) throw Failure(step);
    }

    private static sqlite3 Open(string file, int flags)
    {
        var result = raw.sqlite3_open_v2(file, out var database, flags, null);
        if (result != raw.SQLITE_OK) throw Failure(result);
        _ = raw.sqlite3_busy_timeout(database, (int)BusyPatience.TotalMilliseconds);
        return database;
    }

    private static readonly TimeSpan BusyPatience = TimeSpan.FromSeconds(30);

    private static void Run(sqlite3 database, string sql)
    {
        var result = raw.sqlite3_exec(database, sql);
        if (result != raw.SQLITE_OK) throw Failure(result);
    }

    private static SqliteException Failure(int result) => new(raw.sqlite3_errstr(result).utf8_to_string(), result);

    private static List<string> Read(SqliteConnection database, string sql)
    {
        using var command = database.CreateCommand();
#pragma warning disable CA2100 // one of the constants above
        command.CommandText = sql;
#pragma warning restore CA2100
        using var rows = command.ExecuteReader();
        var found = new List<string>();
        while (rows.Read()) found.Add(rows.GetString(0));
        return found;
    }
}
