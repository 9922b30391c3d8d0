using System.Runtime.Versioning;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ChatMvc.Tests.Jobs;

[UnsupportedOSPlatform("windows")] // file modes
public sealed class JobFileTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    private string JobsDb => _directory["jobs.db"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_missing_file_is_made_with_its_directory_and_is_private()
    {
        var file = Path.Combine(_directory.Path, "new", "jobs.db");

        await using var host = await JobHost.StartAsync(file);
        await Works(host);

        foreach (var each in Directory.GetFiles(Path.GetDirectoryName(file)!))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(each));
        Assert.Empty(host.Log.At(LogLevel.Warning));
    }

    [Fact]
    public async Task A_file_that_others_could_read_becomes_private()
    {
        await File.WriteAllBytesAsync(JobsDb, []);
        File.SetUnixFileMode(JobsDb, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        await using var host = await JobHost.StartAsync(JobsDb);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(JobsDb));
        await Works(host);
        Assert.Empty(host.Log.At(LogLevel.Warning));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_set_aside_and_made_anew()
    {
        await File.WriteAllBytesAsync(JobsDb, RandomNumberGenerator.GetBytes(10_000));

        await using var host = await JobHost.StartAsync(JobsDb);

        await Works(host);
        Assert.Contains("was set aside", Assert.Single(host.Log.At(LogLevel.Warning)), StringComparison.Ordinal);
        Assert.Equal(10_000, new FileInfo(Assert.Single(Directory.GetFiles(_directory.Path, "*.damaged"))).Length);
    }

    [Fact]
    public async Task A_database_with_broken_pages_is_set_aside_and_made_anew()
    {
        await using (var first = await JobHost.StartAsync(JobsDb))
            await first.Queue.EnqueueAsync<Recorder>("1", DateTimeOffset.UtcNow.AddHours(1));
        await using (var stream = File.OpenWrite(JobsDb))
        {
            stream.Position = 4096;
            await stream.WriteAsync(RandomNumberGenerator.GetBytes((int)stream.Length - 4096));
        }

        await using var host = await JobHost.StartAsync(JobsDb);

        await Works(host);
        Assert.Contains("was set aside", Assert.Single(host.Log.At(LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_with_tables_of_another_shape_is_set_aside_and_made_anew()
    {
        await using (var connection = new SqliteConnection($"Data Source={JobsDb};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE QRTZ_TRIGGERS (SCHED_NAME, TRIGGER_NAME, TRIGGER_GROUP)";
            await command.ExecuteNonQueryAsync();
        }

        await using var host = await JobHost.StartAsync(JobsDb);

        await Works(host);
        Assert.Contains("was set aside", Assert.Single(host.Log.At(LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_damaged_files_are_kept_the_newest()
    {
        for (var round = 0; round < 5; round++)
        {
            await File.WriteAllBytesAsync(JobsDb, RandomNumberGenerator.GetBytes(1_000 + round));
            await using var host = await JobHost.StartAsync(JobsDb);
        }

        Assert.Equal([1_002, 1_003, 1_004], Directory.GetFiles(_directory.Path, "*.damaged").Order(StringComparer.Ordinal).Select(file => new FileInfo(file).Length));
    }

    [Fact]
    public async Task The_file_is_whole_and_alone_after_the_stop()
    {
        await using (var host = await JobHost.StartAsync(JobsDb))
            await Works(host);

        // A connection that was in use just then closes when it is given back.
        for (var until = DateTime.UtcNow + TimeSpan.FromSeconds(10); Directory.GetFiles(_directory.Path).Length > 1 && DateTime.UtcNow < until;) await Task.Delay(20);
        Assert.Equal([JobsDb], Directory.GetFiles(_directory.Path));
    }

    private static async Task Works(JobHost host)
    {
        await host.Queue.EnqueueAsync<Recorder>("works");
        await host.Journal.Has("ran works");
    }
}
