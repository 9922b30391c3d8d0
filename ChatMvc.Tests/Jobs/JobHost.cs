using System.Collections.Concurrent;
using System.Threading.Channels;
using ChatMvc.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ChatMvc.Tests.Jobs;

/// <summary>A real host with the job engine on a real file, and what its handlers and its log said.</summary>
internal sealed class JobHost : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _stopped;

    private JobHost(IHost host, Journal journal, LogLines log) => (_host, Journal, Log) = (host, journal, log);

    public Journal Journal { get; }

    public LogLines Log { get; }

    public JobQueue Queue => _host.Services.GetRequiredService<JobQueue>();

    public JobBoard Board => _host.Services.GetRequiredService<JobBoard>();

    public static async Task<JobHost> StartAsync(string file, Action<IServiceCollection>? add = null, int maxConcurrency = 20)
    {
        // The server's own appsettings.json lies beside the tests and would quieten the log.
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        var journal = new Journal();
        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddSingleton(journal).AddJobs(file, maxConcurrency);
        (add ?? AddAllHandlers)(builder.Services);
        var host = new JobHost(builder.Build(), journal, log);
        await host._host.StartAsync();
        return host;
    }

    public async Task StopAsync()
    {
        _stopped = true;
        await _host.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
            await StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private static void AddAllHandlers(IServiceCollection services) =>
        services.AddJobHandler<Recorder>().AddJobHandler<Endless>().AddJobHandler<Stubborn>().AddJobHandler<Thrower>();
}

/// <summary>What the handlers did, as lines such as "ran 1"; each is waited for once, for ten seconds at most.</summary>
internal sealed class Journal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _seen = [];

    public void Write(string line) => _lines.Writer.TryWrite(line);

    public async Task Has(string line)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!_seen.Remove(line))
            _seen.Add(await _lines.Reader.ReadAsync(limit.Token));
    }

    public bool IsSilentAbout(string line)
    {
        while (_lines.Reader.TryRead(out var next))
            _seen.Add(next);
        return !_seen.Contains(line);
    }
}

internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, LogLevel Level, string Text)> _lines = new();

    public IReadOnlyList<string> At(LogLevel level) => [.. _lines.Where(line => line.Level == level).Select(line => line.Text)];

    public IReadOnlyList<string> From(string category) =>
        [.. _lines.Where(line => line.Category.StartsWith(category, StringComparison.Ordinal)).Select(line => line.Text)];

    public ILogger CreateLogger(string categoryName) => new Category(categoryName, _lines);

    public void Dispose()
    {
    }

    private sealed class Category(string name, ConcurrentQueue<(string, LogLevel, string)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((name, logLevel, $"{formatter(state, exception)} {exception?.GetType().Name}".TrimEnd()));
    }
}

internal sealed class Recorder(Journal journal) : IJobHandler
{
    public static string Kind => "record";

    public Task RunAsync(string id, CancellationToken stopping)
    {
        journal.Write($"ran {id}");
        return Task.CompletedTask;
    }
}

internal sealed class Endless(Journal journal) : IJobHandler
{
    public static string Kind => "endless";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        journal.Write($"began {id}");
        try
        {
            await Task.Delay(Timeout.Infinite, stopping);
        }
        catch (OperationCanceledException exception)
        {
            journal.Write($"cancelled {id}");
            throw new IOException("As a client library might put it.", exception);
        }
    }
}

internal sealed class Stubborn(Journal journal) : IJobHandler
{
    public static string Kind => "stubborn";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        journal.Write($"began {id}");
        await Task.Delay(Timeout.Infinite, CancellationToken.None);
    }
}

internal sealed class Thrower(Journal journal) : IJobHandler
{
    public static string Kind => "throw";

    public Task RunAsync(string id, CancellationToken stopping)
    {
        journal.Write($"threw {id}");
        throw new InvalidOperationException("This one cannot be done.");
    }
}

/// <summary>A directory of a test's own, removed after it.</summary>
internal sealed class TestDirectory : IDisposable
{
    public TestDirectory() => Path = Directory.CreateTempSubdirectory("chatmvc-").FullName;

    public string Path { get; }

    public string this[string file] => System.IO.Path.Combine(Path, file);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
