using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ChatMvc.Billing.Ledger;
using ChatMvc.Chats;
using ChatMvc.Data;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Sandbox;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Crash;

/// <summary>
/// A server that dies and is started again: the real program as a process, always in the same folder and on the same port,
/// and an upstream outside of it that goes on counting.
/// </summary>
public sealed class MortalApp : IAsyncDisposable
{
    // Below what the kernel hands out by itself: a client that tries a port with nobody behind it can otherwise meet itself.
    private const int FirstPort = 20_000, LastPort = 31_999;

    /// <summary>Milliseconds.</summary>
    private const int SlowToken = 100;
    /// <summary>Tokens after which a slow answer waits, so that it is not over when a busy machine gets to it.</summary>
    private const int SlowTokens = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SandboxServer upstream = new();
    private readonly string[] settings;
    private readonly Uri address;
    private readonly List<ServerProcess> runs = [];
    private TaskCompletionSource? rest;

    private MortalApp(string[] settings)
    {
        this.settings = settings;
        address = new Uri($"http://127.0.0.1:{FreePort()}");
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("mortal-").FullName;
    public SandboxOpenAI OpenAI => upstream.OpenAI;
    /// <summary>The present run, or the last one.</summary>
    public ServerProcess Server => runs[^1];
    public IReadOnlyList<ServerProcess> Runs => runs;

    /// <summary>The first run, which dies at a moment or lives until it is killed.</summary>
    /// <param name="settings">As on the command line, without dashes.</param>
    public static async Task<MortalApp> StartAsync(Moment? death = null, params string[] settings)
    {
        var app = new MortalApp(settings);
        await app.upstream.InitializeAsync();
        await app.RestartAsync(death);
        return app;
    }

    /// <summary>The next run, up to the end of its start-up.</summary>
    public async Task RestartAsync(Moment? death = null)
    {
        Begin(death);
        if (!await Server.BecomesReadyAsync()) throw new InvalidOperationException($"The server did not start:\n{Server.Output}");
    }

    /// <summary>The next run, not waited for.</summary>
    public ServerProcess Begin(Moment? death = null)
    {
        if (runs.Count > 0 && Server.IsRunning) throw new InvalidOperationException("The server is still running.");
        if (runs.Count > 0 && !File.Exists(Path.Combine(Folder, "chat.db"))) throw new InvalidOperationException($"{Folder} has been emptied.");
        runs.Add(StartAnother(death));
        return Server;
    }

    /// <summary>One more process with the same settings, whether or not one runs already.</summary>
    public ServerProcess StartAnother(Moment? death = null) => ServerProcess.Start(
        [
            "environment=Development", $"Urls={address.GetLeftPart(UriPartial.Authority)}", $"DataDirectory={Folder}",
            $"OpenAI:BaseUrl={new Uri(upstream.Url, SandboxOpenAI.BasePath)}", $"OpenAI:ApiKey={SandboxOpenAI.ApiKey}", .. settings,
        ], death);

    /// <summary>Kills it from outside, in whatever it is doing.</summary>
    public async Task KillAsync() => Assert.True(await Server.KillAsync(), $"The server had ended before it was killed:\n{Server.Output}");

    /// <summary>Waits until it has died at its moment.</summary>
    public async Task HasDiedAsync() => Assert.True(await Server.ExitCodeAsync() == ServerProcess.Killed, $"The server ended otherwise:\n{Server.Output}");

    /// <summary>A browser without scripts in which this person is signed in. Its cookies outlive the server.</summary>
    public async Task<Visitor> SignInAsAsync(string name)
    {
        var visitor = new Visitor(address);
        await visitor.SignInAsync(TestApp.PhoneOf(name));
        return visitor;
    }

    /// <summary>Reads chat.db from outside, whether or not a server runs.</summary>
    public async Task<T> ReadAsync<T>(Func<ChatDb, Task<T>> read)
    {
        var options = new DbContextOptionsBuilder<ChatDb>();
        DataSetup.UseSqlite(options, Path.Combine(Folder, "chat.db"));
        await using var db = new ChatDb(options.Options);
        return await read(db);
    }

    /// <summary>The upstream answers with this: at once, or so slowly that there is time for anything in between.</summary>
    public void WillAnswer(string text, bool slowly = false)
    {
        OpenAI.WillHurry(tokenDelayMs: slowly ? SlowToken : 0);
        OpenAI.WillAnswer(text);
        if (slowly) rest = OpenAI.WillHoldAfter(SlowTokens);
    }

    /// <summary>The slow answers that still run come to their end.</summary>
    public void LetAnswersEnd() => rest?.TrySetResult();

    /// <summary>Waits until so many characters of an answer that is still running are stored, as the n-th request gave them.</summary>
    public async Task<string> HasStoredPartsAsync(int characters, int attempt = 1)
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            var stored = await ReadAsync(async db =>
            {
                var parts = await db.MessageParts.AsNoTracking().Where(p => p.Attempt == attempt).OrderBy(p => p.Sequence).ToListAsync();
                return string.Concat(parts.Select(p => p.Text));
            });
            if (stored.Length >= characters) return stored;
            Assert.True(DateTime.UtcNow < until, $"Only this was stored: {stored}");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until the upstream has been asked so many times for an answer, or a title, in all.</summary>
    public async Task UpstreamIsAskedAsync(CallKind kind, int times)
    {
        var until = DateTime.UtcNow + Patience;
        while ((kind == CallKind.Title ? OpenAI.Calls.Titles : OpenAI.Calls.Answers) < times)
        {
            Assert.True(DateTime.UtcNow < until, $"The upstream was not asked {times} times:\n{Server.Output}");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until the only chat there is has been named by the model.</summary>
    public Task ChatIsNamedAsync() => UntilAsync(db => db.Chats.AllAsync(c => c.TitleSource == TitleSource.Model));

    /// <summary>Waits until chat.db says so.</summary>
    public async Task UntilAsync(Func<ChatDb, Task<bool>> holds, [CallerArgumentExpression(nameof(holds))] string? what = null)
    {
        var until = DateTime.UtcNow + Patience;
        while (!await ReadAsync(holds))
        {
            Assert.True(DateTime.UtcNow < until, $"It did not become true that {what}:\n{Server.Output}");
            await Task.Delay(20);
        }
    }

    /// <summary>What SQLite finds wrong with the two files, and what is left in them that should not be; empty when all is well.</summary>
    public async Task<IReadOnlyList<string>> DamageAsync() =>
    [
        .. await ComplaintsAsync("chat.db", "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
        .. await ComplaintsAsync("chat.db", "SELECT \"table\" || ' ' || rowid || ' has lost its ' || parent FROM pragma_foreign_key_check"),
        .. await ComplaintsAsync("chat.db", "SELECT 'parts of message ' || Id FROM Messages m WHERE State NOT IN ('Queued', 'Streaming') AND EXISTS (SELECT 1 FROM MessageParts p WHERE p.MessageId = m.Id)"),
        .. await ComplaintsAsync("jobs.db", "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
        .. Directory.GetFiles(Folder, "*.damaged"),
        .. Books(),
    ];

    private IEnumerable<string> Books()
    {
        using var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(Folder, "chat.db"), Pooling = false }.ToString());
        database.Open();
        return [.. BooksCheck.Run(database).Select(finding => $"{finding.Words}: {finding.Count}")];
    }

    /// <summary>The first column of a query over one of the two files.</summary>
    public async Task<IReadOnlyList<string>> ComplaintsAsync(string file, string sql)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(Folder, file), Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await reader.ReadAsync()) found.Add($"{file}: {reader.GetValue(0)}");
        return found;
    }

    /// <summary>The question that a request to the upstream asks: the last message in its body.</summary>
    public static string QuestionOf(OpenAICall call)
    {
        using var body = JsonDocument.Parse(call.Body!);
        return body.RootElement.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var run in runs) run.Dispose();
        await upstream.StopAsync();
        await upstream.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }

    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(FirstPort, LastPort + 1);
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Somebody has it; there are many more.
            }
        }
    }
}
