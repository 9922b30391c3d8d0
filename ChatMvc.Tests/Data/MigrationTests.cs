using ChatMvc.Data;
using ChatMvc.Shared;
using ChatMvc.Tests.Control;
using ChatMvc.Tests.Crash;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ChatMvc.Tests.Data;

/// <summary>An upgrade: the copy before it, and <c>kill -9</c> in each of its steps.</summary>
public sealed class MigrationTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("chatmvc-").FullName;
    private readonly IReadOnlyList<string> migrations;

    public MigrationTests()
    {
        using var db = Open();
        migrations = [.. db.Database.GetMigrations()];
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Killed_in_each_step_of_an_upgrade_it_goes_on_and_the_copy_is_of_before_all_of_them()
    {
        await MakeOldAsync();
        var copy = Path.Combine(folder, $"chat.db.before-{migrations[1]}");

        await DieAsync(Moment.Step(Steps.MigrationCopied));
        Assert.False(File.Exists(copy));
        for (var n = 1; n < migrations.Count; n++)
        {
            // Before it is noted, or when it is and nothing is committed: the one before it is done, and this one not at all.
            await DieAsync(n % 2 == 1 ? Moment.After($"'{migrations[n]}'") : Moment.Before($"'{migrations[n]}'"));
            Assert.Equal(n, Count("__EFMigrationsHistory"));
        }
        var done = await Typing.RunAsync(folder, "migrate");

        Assert.Equal((0, ""), (done.ExitCode, done.Error));
        Assert.Contains(migrations[^1], done.Output, StringComparison.Ordinal);
        Assert.Equal("Maya", Execute("SELECT DisplayName FROM Users"));
        Assert.Equal("ok", Execute("PRAGMA integrity_check"));
        Assert.Equal("wal", Execute("PRAGMA journal_mode"));
        Assert.Null(Execute("PRAGMA foreign_key_check"));
        Assert.Equal([copy], Directory.GetFiles(folder, "chat.db.before-*"));
        Assert.Equal([migrations[0], "Maya"], [Execute("SELECT max(MigrationId) FROM __EFMigrationsHistory", copy), Execute("SELECT DisplayName FROM Users", copy)]);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(copy) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task The_copies_of_the_last_two_upgrades_are_kept()
    {
        await MakeOldAsync();
        foreach (var older in (string[])["20250101000000_A", "20250201000000_B"]) await File.WriteAllTextAsync(Path.Combine(folder, $"chat.db.before-{older}"), "");

        Assert.Equal(0, (await Typing.RunAsync(folder, "migrate")).ExitCode);

        Assert.Equal(["chat.db.before-20250201000000_B", $"chat.db.before-{migrations[1]}"],
            Directory.GetFiles(folder, "chat.db.before-*").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("chat.db has the schema of this program already.", (await Typing.RunAsync(folder, "migrate")).Output);
        Assert.False(File.Exists(Path.Combine(folder, "running")));
    }

    [Fact]
    public async Task Without_room_for_the_copy_nothing_is_changed()
    {
        await MakeOldAsync();

        var said = await Typing.RunAfterAsync("trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0 DOTNET_EnableDiagnostics=0; ulimit -f 64", folder, "migrate");

        Assert.Equal(1, said.ExitCode);
        Assert.Contains("no room for the copy", Assert.Single(said.Error.Split('\n')), StringComparison.Ordinal);
        Assert.Equal(1, Count("__EFMigrationsHistory"));
        Assert.Empty(Directory.GetFiles(folder, "chat.db.before-*"));
    }

    private async Task MakeOldAsync()
    {
        await using var db = Open();
        await db.GetService<IMigrator>().MigrateAsync(migrations[0]);
        Execute("INSERT INTO Users (Phone, CreatedAt, DisplayName, SafetyKey) VALUES ('+15550100123', 1, 'Maya', '')");
        SqliteConnection.ClearAllPools();
    }

    private async Task DieAsync(Moment moment)
    {
        var said = await Typing.RunAsync(folder, moment, "migrate");
        Assert.True(said.ExitCode == ServerProcess.Killed, $"{moment}: {said}");
    }

    private ChatDb Open()
    {
        var options = new DbContextOptionsBuilder<ChatDb>();
        DataSetup.UseSqlite(options, Path.Combine(folder, "chat.db"));
        return new ChatDb(options.Options);
    }

    private int Count(string table) => (int)(long)Execute($"SELECT count(*) FROM {table}")!;

    private object? Execute(string sql, string? file = null)
    {
        using var connection = new SqliteConnection($"Data Source={file ?? Path.Combine(folder, "chat.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the constants above.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
