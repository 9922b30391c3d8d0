using ChatMvc.Data;
using ChatMvc.Sandbox;
using ChatMvc.Sandbox.Stripe;
using ChatMvc.Tests.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChatMvc.Tests;

/// <summary>The real server in this process: Kestrel on a free port, its own folder, the sandbox as every vendor.</summary>
public sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication app;

    private TestApp(WebApplication app, string folder, FakeTime time) => (this.app, Folder, Time) = (app, folder, time);

    public FakeTime Time { get; }
    public string Folder { get; }
    public Uri Address => new(app.Urls.First());
    public IServiceProvider Services => app.Services;
    public SandboxStripe Stripe => app.Services.GetRequiredService<SandboxStripe>();
    public SandboxOpenAI OpenAI => app.Services.GetRequiredService<SandboxOpenAI>();

    /// <param name="settings">As on the command line, without dashes: <c>Limits:BasicMessages=2</c>.</param>
    public static async Task<TestApp> StartAsync(params string[] settings)
    {
        var (folder, time) = (Directory.CreateTempSubdirectory("chatmvc-").FullName, new FakeTime());
        await FirstStart.PutIntoAsync(folder);
        var app = Program.Build(
            ["--environment=Development", "--OPENAI_API_KEY=", "--Urls=http://127.0.0.1:0", $"--DataDirectory={folder}", .. settings.Select(s => "--" + s)],
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(time);
                builder.Logging.SetMinimumLevel(LogLevel.Error);
            });
        app.Services.GetService<SandboxTwilio>()?.WillReport(TwilioReport.None);
        await app.StartAsync();
        var test = new TestApp(app, folder, time);
        test.OpenAI.WillHurry();
        return test;
    }

    /// <summary>A browser without scripts in which this person is signed in; the same name is the same person.</summary>
    public async Task<Visitor> SignInAsAsync(string name)
    {
        var visitor = new Visitor(Address);
        await visitor.SignInAsync(PhoneOf(name));
        return visitor;
    }

    public static string PhoneOf(string name) => "+1555" + (name.Aggregate(7, (hash, c) => (hash * 31 + c) % 9_000_000) + 1_000_000);

    public async Task<T> ReadAsync<T>(Func<ChatDb, Task<T>> read)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<ChatDb>());
    }

    public async Task<string> IntegrityAsync() =>
        string.Join(';', await ReadAsync(db => db.Database.SqlQueryRaw<string>("SELECT integrity_check AS Value FROM pragma_integrity_check").ToListAsync()));

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }
}
