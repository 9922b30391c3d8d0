using ChatMvc.Data;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Tests.Data;

/// <summary>The two databases as the first start leaves them. Most tests are about what comes after, and are spared their making.</summary>
internal static class FirstStart
{
    private static readonly string[] Names = ["chat.db", "jobs.db"];
    private static readonly Lazy<Task<byte[][]>> Contents = new(MakeAsync);

    /// <summary>Puts them into the folder of a server that was never started.</summary>
    public static async Task PutIntoAsync(string folder)
    {
        foreach (var (name, content) in Names.Zip(await Contents.Value))
        {
            await using var file = PrivateFile.Create(Path.Combine(folder, name));
            await file.WriteAsync(content);
        }
    }

    private static async Task<byte[][]> MakeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("chatmvc-");
        try
        {
            var app = Program.Build(["--environment=Development", "--OPENAI_API_KEY=", "--Urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Error", $"--DataDirectory={folder.FullName}"]);
            await app.StartAsync();
            await app.StopAsync();
            await app.DisposeAsync();
            return [.. Names.Select(name => ReadWhole(Path.Combine(folder.FullName, name)))];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // With what its log still holds.
    private static byte[] ReadWhole(string path)
    {
        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString()))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            command.ExecuteNonQuery();
        }
        return File.ReadAllBytes(path);
    }
}
