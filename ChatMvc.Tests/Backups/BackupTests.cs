using System.Formats.Tar;
using System.Text.Json;
using ChatMvc.Operators.State;
using ChatMvc.Shared;
using ChatMvc.Tests.Chats;
using ChatMvc.Tests.Chats.Attachments;
using ChatMvc.Tests.Control;
using ChatMvc.Tests.Crash;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Backups;

/// <summary>One file with everything in it: under its own name it is whole, or it is not there.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backups-").FullName;

    private string Target => Path.Combine(folder, "all.tar");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Beside_a_running_server_it_holds_everything_for_its_owner_alone_and_the_server_hears_of_it()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartWithFilesAsync("What is this?", ("loaf.png", Pictures.Png(3, 2))));

        var said = await Typing.RunAsync(app.Folder, "backup", Target);

        Assert.Equal((0, ""), (said.ExitCode, said.Error));
        Assert.Contains("made and verified", said.Output, StringComparison.Ordinal);
        Assert.Equal([Target], Directory.GetFiles(folder));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Target) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        var names = Names(Target);
        Assert.Equal(("chat.db", "manifest.json"), (names[0], names[^1]));
        Assert.Contains("keys/phone-mac.key", names);
        Assert.Contains(names, name => name.StartsWith("keys/key-", StringComparison.Ordinal));
        Assert.Single(names, name => name.StartsWith("uploads/", StringComparison.Ordinal));
        Assert.DoesNotContain(names, name => name.Contains("jobs", StringComparison.Ordinal) || name.Contains("sock", StringComparison.Ordinal));
        Assert.Matches($@"^\d+ {new FileInfo(Target).Length} {Target}$", app.Services.GetRequiredService<ServerFacts>().Find(ServerFacts.LastBackup));
    }

    [Fact]
    public async Task What_is_there_is_overwritten_only_when_that_is_said()
    {
        await using var app = await TestApp.StartAsync();
        await File.WriteAllTextAsync(Target, "mine");

        var refused = await Typing.RunAsync(app.Folder, "backup", Target);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--overwrite", refused.Error, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(Target));
        Assert.Equal(0, (await Typing.RunAsync(app.Folder, "backup", Target, "--overwrite")).ExitCode);
        Assert.Equal("chat.db", Names(Target)[0]);
    }

    [Fact]
    public async Task A_folder_keeps_the_newest_and_whatever_else_lies_there()
    {
        await using var app = await TestApp.StartAsync();
        string[] others = ["chatmvc-20260101T000000Z.tar.sha256", "notes.txt"];
        foreach (var name in others.Append("chatmvc-20260101T000000Z.tar").Append("chatmvc-20260102T000000Z.tar").Append("chatmvc-20260103T000000Z.tar"))
            await File.WriteAllTextAsync(Path.Combine(folder, name), "");
        await File.WriteAllTextAsync(Path.Combine(folder, "chatmvc-20260104T000000Z.tar.partial"), "");
        File.SetLastWriteTimeUtc(Path.Combine(folder, "chatmvc-20260104T000000Z.tar.partial"), DateTime.UtcNow - TimeSpan.FromDays(2));

        var said = await Typing.RunAsync(app.Folder, "backup", folder, "--keep", "2");

        Assert.Equal((0, ""), (said.ExitCode, said.Error));
        Assert.Contains("Older ones removed: 2", said.Output, StringComparison.Ordinal);
        var left = Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Except(others).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(2, left.Count);
        Assert.Equal("chatmvc-20260103T000000Z.tar", left[0]);
        Assert.Equal("chat.db", Names(Path.Combine(folder, left[1]))[0]);
        Assert.All(others, name => Assert.True(File.Exists(Path.Combine(folder, name)), name));
    }

    [Fact]
    public async Task A_disk_that_is_full_leaves_nothing()
    {
        await using var app = await TestApp.StartAsync();
        // No file may have more than 64 KB; the runtime's own are not counted in.
        var said = await Typing.RunAfterAsync("trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0 DOTNET_EnableDiagnostics=0; ulimit -f 64", app.Folder, "backup", Target);

        Assert.Equal(1, said.ExitCode);
        Assert.Contains("could not be made", said.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
        Assert.Null(app.Services.GetRequiredService<ServerFacts>().Find(ServerFacts.LastBackup));
    }

    [Fact]
    public async Task Killed_before_it_has_its_name_there_is_none_and_the_next_one_is_made()
    {
        await using var app = await TestApp.StartAsync();

        var killed = await Typing.RunAsync(app.Folder, Moment.Step(Steps.BackupWritten), "backup", Target);

        Assert.Equal(ServerProcess.Killed, killed.ExitCode);
        Assert.False(File.Exists(Target));
        Assert.Equal(0, (await Typing.RunAsync(app.Folder, "backup", Target)).ExitCode);
        Assert.Equal([Target], Directory.GetFiles(folder));
    }

    [Fact]
    public async Task A_database_that_is_damaged_makes_no_backup()
    {
        string directory;
        await using (var app = await TestApp.StartAsync())
        {
            using var maya = await app.SignInAsAsync("Maya");
            directory = Directory.CreateTempSubdirectory("damaged-").FullName;
            Assert.Equal(0, (await Typing.RunAsync(app.Folder, "backup", Target)).ExitCode);
        }
        try
        {
            Assert.Equal(0, (await Typing.RunAsync(directory, "restore", Target)).ExitCode);
            // An index loses what its table has.
            using (var database = new SqliteConnection($"Data Source={directory}/chat.db;Pooling=False"))
            {
                database.Open();
                using var command = database.CreateCommand();
                command.CommandText = "PRAGMA writable_schema=ON; UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'IX_Sessions_UserId') WHERE name = 'IX_Users_Phone'";
                command.ExecuteNonQuery();
            }
            var said = await Typing.RunAsync(directory, "backup", Target, "--overwrite");

            Assert.Equal(1, said.ExitCode);
            Assert.Contains("damaged", said.Error, StringComparison.Ordinal);
            Assert.Equal([Target], Directory.GetFiles(folder));
            Assert.Equal("chat.db", Names(Target)[0]);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData(1, "no chat.db", "backup", "/tmp/never-made.tar")]
    [InlineData(2, "--keep takes 1 to 1000", "backup", "/tmp", "--keep", "0")]
    [InlineData(2, "backup --help", "backup")]
    [InlineData(2, "no setting and no option", "backup", "/tmp", "--kep")]
    [InlineData(1, "is not there", "restore", "/tmp/never-made.tar")]
    public async Task What_cannot_be_done_is_said_in_one_line(int exitCode, string words, params string[] typed)
    {
        var said = await Typing.RunAsync(folder, typed);
        Assert.Equal((exitCode, ""), (said.ExitCode, said.Output));
        Assert.Contains(words, Assert.Single(said.Error.Split('\n')), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
    }

    internal static IReadOnlyList<string> Names(string backup)
    {
        var names = new List<string>();
        using var file = File.OpenRead(backup);
        using var tar = new TarReader(file);
        while (tar.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
            if (entry.Name == "manifest.json") Assert.Equal(1, JsonDocument.Parse(entry.DataStream!).RootElement.GetProperty("format").GetInt32());
        }
        return names;
    }
}
