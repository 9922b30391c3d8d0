using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Data;

/// <summary>What a start makes of the <c>chat.db</c> it finds, and what its connections are told.</summary>
public sealed class DataSetupTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("chatmvc-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_second_start_keeps_what_the_first_one_made()
    {
        await using (Build()) { }
        Execute("INSERT INTO Users (Phone, CreatedAt, DisplayName, SafetyKey) VALUES ('+15550100123', 1, 'Maya', '')");

        await using (Build()) { }

        Assert.Equal("Maya", Execute("SELECT DisplayName FROM Users"));
        Assert.Equal("wal", Execute("PRAGMA journal_mode"));
    }

    [Fact]
    public async Task A_file_of_a_newer_program_is_refused_by_its_migration()
    {
        await using (Build()) { }
        Execute("INSERT INTO __EFMigrationsHistory VALUES ('29991231000000_Future', '99.0.0')");

        var refused = Assert.Throws<SettingsException>(() => Build());

        Assert.Contains("29991231000000_Future", refused.Message);
    }

    [Fact]
    public async Task A_start_that_was_cut_off_in_its_migration_is_caught_up_with()
    {
        await using (Build()) { }
        // As SIGKILL leaves it: EF's lock taken, nothing migrated.
        SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(folder, "chat.db*")) File.Delete(file);
        Execute("CREATE TABLE __EFMigrationsLock (Id INTEGER PRIMARY KEY, Timestamp TEXT NOT NULL); INSERT INTO __EFMigrationsLock VALUES (1, '2026-01-01')");

        await using (Build()) { }

        Assert.Equal(0L, Execute("SELECT count(*) FROM Users"));
    }

    [Fact]
    public async Task Every_connection_keeps_foreign_keys_and_waits_for_the_disk_also_when_it_is_used_again()
    {
        await using var app = await TestApp.StartAsync();
        for (var time = 1; time <= 3; time++)
        {
            Assert.Equal((1, 2), await app.ReadAsync(async db => (await Pragma(db, "foreign_keys"), await Pragma(db, "synchronous"))));
            // The next ones are new to the pool.
            if (time == 2) SqliteConnection.ClearAllPools();
        }
    }

    private static async Task<int> Pragma(ChatDb db, string name) =>
#pragma warning disable EF1002 // The names are the constants above.
        await db.Database.SqlQueryRaw<int>($"SELECT {name} AS Value FROM pragma_{name}").SingleAsync();
#pragma warning restore EF1002

    private Microsoft.AspNetCore.Builder.WebApplication Build() =>
        Program.Build(["--environment=Development", "--OPENAI_API_KEY=", "--Urls=http://127.0.0.1:0", $"--DataDirectory={folder}"]);

    private object? Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={folder}/chat.db;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the constants above.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
