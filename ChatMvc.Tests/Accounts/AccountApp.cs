using System.Collections.Concurrent;
using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Sandbox;
using ChatMvc.Sms;
using ChatMvc.Tests.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChatMvc.Tests.Accounts;

/// <summary>
/// Signing in, for real: the whole app on a free port with a folder of its own, the sandbox's Twilio and a clock that can
/// be moved on. One page behind the door is the test's: <c>GET /me</c> says who came in.
/// </summary>
public sealed class AccountApp : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly WebApplication app;
    private readonly string directory;
    private readonly bool ownsDirectory;

    private AccountApp(WebApplication app, string directory, bool ownsDirectory, FakeTime time, LogLines log)
    {
        (this.app, this.directory, this.ownsDirectory, Time, Log) = (app, directory, ownsDirectory, time, log);
    }

    public FakeTime Time { get; }
    public LogLines Log { get; }
    public string Folder => directory;
    public Uri Address => new(app.Urls.First());
    public SandboxTwilio Twilio => app.Services.GetRequiredService<SandboxTwilio>();
    public IServiceProvider Services => app.Services;

    /// <param name="settings">As on the command line, without dashes: <c>Otp:MaxAttempts=3</c>.</param>
    public static Task<AccountApp> StartAsync(params string[] settings) => StartInAsync(null, settings);

    public static async Task<AccountApp> StartInAsync(string? folder, params string[] settings)
    {
        var directory = folder ?? Directory.CreateTempSubdirectory("chatmvc-").FullName;
        if (folder is null) await FirstStart.PutIntoAsync(directory);
        var (time, log) = (new FakeTime(), new LogLines());
        var app = Program.Build(
            [.. settings.Select(s => "--" + s), "--environment=Development", "--Urls=http://127.0.0.1:0", $"--DataDirectory={directory}"],
            builder =>
            {
                builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
                builder.Services.AddSingleton<TimeProvider>(time);
            });
        app.MapGet("/me", (CurrentUser me) => $"{me.Id} {me.User.Phone} {me.SessionId}");
        app.MapPost("/me", () => "posted");
        // A message stays as its sending left it, unless a test is about what comes after.
        app.Services.GetService<SandboxTwilio>()?.WillReport(TwilioReport.None);
        await app.StartAsync();
        return new AccountApp(app, directory, folder is null, time, log);
    }

    public Browser Browser(string? from = null) => new(Address, from);

    /// <summary>The code that a phone was sent last, once all that is on its way has left.</summary>
    public async Task<string> CodeSentToAsync(string phone)
    {
        await EventuallyAsync(db => db.SmsMessages.CountAsync(s => s.To == phone && (s.State == SmsState.Waiting || s.State == SmsState.Sending)), unsent => unsent == 0);
        return (await EventuallyAsync(_ => Task.FromResult(Twilio.LastTo(phone)?.Body), body => body is not null))![..6];
    }

    public async Task<T> ReadAsync<T>(Func<ChatDb, Task<T>> read)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<ChatDb>());
    }

    public Task<int> WriteAsync(string sql) => ReadAsync(db => db.WriteAsync(() => db.Database.ExecuteSqlRawAsync(sql)));

    /// <summary>Waits until a row says so.</summary>
    public async Task<T> EventuallyAsync<T>(Func<ChatDb, Task<T>> read, Func<T, bool> isRight)
    {
        var until = DateTime.UtcNow + Patience;
        var last = await ReadAsync(read);
        while (!isRight(last))
        {
            Assert.True(DateTime.UtcNow < until, $"It stayed {last}.");
            await Task.Delay(20);
            last = await ReadAsync(read);
        }
        return last;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        SqliteConnection.ClearAllPools();
        if (ownsDirectory) Directory.Delete(directory, recursive: true);
    }

    /// <summary>All that was logged, at every level, in words.</summary>
    public sealed class LogLines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> lines = [];

        public string All => string.Join('\n', lines);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

        public void Dispose() { }
    }
}
