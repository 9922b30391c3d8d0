using System.Runtime.CompilerServices;
using ChatMvc.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Data;

public sealed class SqliteBridgeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("chatmvc-").FullName;

    // A test that touches SQLite before any code of the app ran would otherwise meet it without the bridge.
    [ModuleInitializer]
    internal static void UseTheBridge() => RuntimeHelpers.RunModuleConstructor(typeof(SqliteBridge).Module.ModuleHandle);

    [Fact]
    public async Task Microsoft_Data_Sqlite_opens_a_file_with_WAL_and_FTS5_on_the_systems_library()
    {
        await using var connection = new SqliteConnection($"Data Source={_directory}/plain.db");
        await connection.OpenAsync();

        Assert.Equal("wal", await Scalar(connection, "PRAGMA journal_mode=WAL"));
        await Scalar(connection, "CREATE VIRTUAL TABLE words USING fts5(text)");
        await Scalar(connection, "INSERT INTO words VALUES ('the quick brown fox')");
        Assert.Equal(1L, await Scalar(connection, "SELECT count(*) FROM words WHERE words MATCH 'quick'"));
        if (File.Exists("/lib/x86_64-linux-gnu/libsqlite3.so.0"))
            Assert.DoesNotContain("e_sqlite3.so", await File.ReadAllTextAsync("/proc/self/maps"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EF_Core_writes_and_reads_a_file()
    {
        await using var db = new NotesDb($"{_directory}/notes.db");
        await db.Database.EnsureCreatedAsync();
        db.Notes.Add(new Note { Text = "first", Price = 1.25m });
        await db.SaveChangesAsync();

        string[] wanted = ["first", "second"];
        Assert.Equal(1, await db.Notes.Where(note => wanted.Contains(note.Text))
            .ExecuteUpdateAsync(set => set.SetProperty(note => note.Text, "second")));
        Assert.Equal("second", await db.Notes.AsNoTracking().Select(note => note.Text).SingleAsync());
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task<object?> Scalar(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the constants above.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    private sealed class NotesDb(string file) : DbContext
    {
        public DbSet<Note> Notes => Set<Note>();

        protected override void OnConfiguring(DbContextOptionsBuilder options) => options.UseSqlite($"Data Source={file}");
    }

    private sealed class Note
    {
        public int Id { get; set; }
        public required string Text { get; set; }
        public decimal Price { get; set; }
    }
}
