using System.Formats.Tar;
using System.Net;
using System.Text;
using ChatMvc.Shared;
using ChatMvc.Tests.Accounts;
using ChatMvc.Tests.Control;
using ChatMvc.Tests.Crash;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Tests.Backups;

/// <summary>What a backup is made for.</summary>
public sealed class RestoreTests : IAsyncLifetime
{
    private const string Maya = "+12125550101";
    private readonly string folder = Directory.CreateTempSubdirectory("restores-").FullName;
    private string? session;

    private string Source => Path.Combine(folder, "source");
    private string Target => Path.Combine(folder, "target");
    private string BackupPath => Path.Combine(folder, "all.tar");

    /// <summary>A backup of a server on which Maya is signed in and several things are under way.</summary>
    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Target);
        await using (var app = await AccountApp.StartInAsync(Source))
        {
            using var maya = app.Browser();
            await maya.SignInAsync(Maya);
            session = maya.Cookie("chat");
            using var noor = app.Browser();
            await noor.AskAsync("+12125550102");
        }
        Execute(Source, """
            INSERT INTO AccountExports (UserId, Key, State, CreatedAt, ChatsInAll, ChatsDone) SELECT Id, 'k', 'Ready', 1, 0, 0 FROM Users;
            INSERT INTO SmsMessages ("To", State, CreatedAt, Attempts, ProtectedBody) VALUES ('+12125550103', 'Waiting', 1, 0, x'00'), ('+12125550103', 'Sending', 1, 1, NULL);
            INSERT INTO Reconciliations (LiveMode, StartedAt, FinishedAt, EventsFound, Repaired)
                VALUES (0, 1, 1, 0, 0), (0, unixepoch() * 1000, unixepoch() * 1000, 0, 0)
            """);
        Assert.Equal(0, (await Typing.RunAsync(Source, "backup", BackupPath)).ExitCode);
    }

    public Task DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task On_a_bare_machine_people_stay_signed_in_and_nothing_that_was_under_way_goes_on()
    {
        var said = await Typing.RunAsync(Target, "restore", BackupPath);

        Assert.Equal((0, ""), (said.ExitCode, said.Error));
        Assert.Contains("1 people, 0 chats, 0 messages", said.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Target, "*restor*"));
        Assert.Equal(0L, Read("SELECT count(*) FROM AccountExports"));
        Assert.Equal(0L, Read("SELECT count(*) FROM OneTimeCodes WHERE RedeemedAt IS NULL AND RetiredAt IS NULL"));
        Assert.Equal("Failed Unknown", Read("SELECT group_concat(State, ' ') FROM (SELECT State FROM SmsMessages WHERE \"To\" = '+12125550103' ORDER BY Id)"));
        Assert.Equal(0L, Read("SELECT count(*) FROM SmsMessages WHERE ProtectedBody IS NOT NULL"));
        // The last of the day is made up for; the one before tells from when on.
        Assert.Equal(1L, Read("SELECT max(StartedAt) FROM Reconciliations WHERE FinishedAt IS NOT NULL"));
        Assert.EndsWith(BackupPath, (string)Read("SELECT Value FROM ServerFacts WHERE Name = 'last-backup'")!, StringComparison.Ordinal);
        await using var app = await AccountApp.StartInAsync(Target);
        using var maya = app.Browser();
        maya.Cookies.Add(app.Address, new Cookie("chat", session));
        Assert.Contains(Maya, (await maya.GetAsync("/me")).Text, StringComparison.Ordinal);
        Assert.Equal(0, app.Twilio.Received);
    }

    [Fact]
    public async Task A_directory_that_has_a_database_is_set_aside_and_only_when_that_is_said()
    {
        Assert.Equal(0, (await Typing.RunAsync(Target, "restore", BackupPath)).ExitCode);
        Execute(Target, "UPDATE Users SET DisplayName = 'Later'");
        await File.WriteAllTextAsync(Path.Combine(Target, "jobs.db"), "old");

        var refused = await Typing.RunAsync(Target, "restore", BackupPath);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--replace", refused.Error, StringComparison.Ordinal);
        Assert.Equal("Later", Read("SELECT DisplayName FROM Users"));

        Assert.Equal(0, (await Typing.RunAsync(Target, "restore", BackupPath, "--replace")).ExitCode);
        Assert.NotEqual("Later", Read("SELECT DisplayName FROM Users"));
        Assert.False(File.Exists(Path.Combine(Target, "jobs.db")));
        var aside = Assert.Single(Directory.GetDirectories(Target, "before-restore-*"));
        Assert.Equal("old", await File.ReadAllTextAsync(Path.Combine(aside, "jobs.db")));
        Assert.Equal("Later", Read("SELECT DisplayName FROM Users", aside));
        Assert.True(File.Exists(Path.Combine(aside, "keys", "phone-mac.key")));
    }

    [Fact]
    public async Task Beside_a_running_server_it_is_refused()
    {
        await using var app = await AccountApp.StartInAsync(Source);
        var said = await Typing.RunAsync(Source, "restore", BackupPath, "--replace");
        Assert.Equal(1, said.ExitCode);
        Assert.Contains("in use by another ChatMvc process", said.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cut", "Its end is missing|cannot be read to its end")]
    [InlineData("changed", "not as it was when it was made")]
    [InlineData("no tar", "no whole backup")]
    [InlineData("empty", "no whole backup")]
    [InlineData("leads out", "holds what no backup holds")]
    [InlineData("newer", "migration 29991231000000_Future")]
    public async Task What_is_no_whole_backup_changes_nothing(string how, string words)
    {
        await SpoilAsync(how);

        var said = await Typing.RunAsync(Target, "restore", BackupPath);

        Assert.Equal((1, ""), (said.ExitCode, said.Output));
        Assert.Matches(words, Assert.Single(said.Error.Split('\n')));
        Assert.Equal(["lock"], Directory.GetFiles(Target).Select(Path.GetFileName));
        Assert.Equal(["keys"], Directory.GetDirectories(Target).Select(Path.GetFileName));
        Assert.Empty(Directory.GetFiles(Path.Combine(Target, "keys")));
        Assert.False(File.Exists(Path.Combine(folder, "evil")));
    }

    [Fact]
    public async Task Killed_between_the_old_files_and_the_new_no_server_starts_until_it_is_given_again()
    {
        Assert.Equal(0, (await Typing.RunAsync(Target, "restore", BackupPath)).ExitCode);
        var killed = await Typing.RunAsync(Target, Moment.Step(Steps.SetAside), "restore", BackupPath, "--replace");
        Assert.Equal(ServerProcess.Killed, killed.ExitCode);

        var refused = await Typing.RunAsync(Target, "migrate");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Give the restore command again, with --replace.", refused.Error, StringComparison.Ordinal);

        Assert.Equal(0, (await Typing.RunAsync(Target, "restore", BackupPath, "--replace")).ExitCode);
        Assert.Equal(Maya, Read("SELECT Phone FROM Users"));
        Assert.Equal("chat.db has the schema of this program already.", (await Typing.RunAsync(Target, "migrate")).Output);
    }

    private async Task SpoilAsync(string how)
    {
        switch (how)
        {
            case "cut":
                using (var file = File.Open(BackupPath, FileMode.Open)) file.SetLength(file.Length * 9 / 10);
                break;
            case "changed":
                using (var file = File.Open(BackupPath, FileMode.Open))
                {
                    file.Position = file.Length / 2;
                    file.Write(Encoding.ASCII.GetBytes("somebody was here"));
                }
                break;
            case "no tar":
                await File.WriteAllTextAsync(BackupPath, new string('x', 100_000));
                break;
            case "empty":
                await File.WriteAllTextAsync(BackupPath, "");
                break;
            case "leads out":
                using (var tar = new TarWriter(File.Create(BackupPath)))
                    tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "uploads/../../../evil") { DataStream = new MemoryStream([1]) });
                break;
            case "newer":
                Execute(Source, "INSERT INTO __EFMigrationsHistory VALUES ('29991231000000_Future', '99.0.0')");
                Assert.Equal(0, (await Typing.RunAsync(Source, "backup", BackupPath, "--overwrite")).ExitCode);
                break;
        }
    }

    private object? Read(string sql, string? directory = null) => Execute(directory ?? Target, sql);

    private static object? Execute(string directory, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={directory}/chat.db;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the constants above.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
