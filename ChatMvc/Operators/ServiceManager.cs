using System.Globalization;
using System.Net.Sockets;
using System.Text;
using ChatMvc.Data;
using ChatMvc.Jobs;

namespace ChatMvc.Operators;

/// <summary>
/// Tells systemd how it goes, over the socket that it names: https://www.freedesktop.org/software/systemd/man/sd_notify.html.
/// The watchdog is told only while a message could be stored and a job found: a server that hangs is started anew. Without
/// a socket it does nothing.
/// </summary>
internal sealed partial class ServiceManager(
    IConfiguration configuration, IHostApplicationLifetime lifetime, WriteGate gate, JobQueue jobs, ILogger<ServiceManager> logger) : BackgroundService
{
    private const int MicrosecondsPerMillisecond = 1_000;
    /// <summary>A late one does no harm yet.</summary>
    private const int TellingsPerPatience = 3;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (configuration["NOTIFY_SOCKET"] is not { Length: > 1 } path) return;
        if (!await HasStartedAsync(stoppingToken)) return;
        Tell(path, "READY=1");
        using var ending = lifetime.ApplicationStopping.Register(() => Tell(path, "STOPPING=1"));
        if (Patience is { } patience) await WatchAsync(path, patience / TellingsPerPatience, stoppingToken);
        else await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>How long systemd waits for a word before it ends us; null where it does not watch.</summary>
    private TimeSpan? Patience =>
        long.TryParse(configuration["WATCHDOG_USEC"], NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds >= MicrosecondsPerMillisecond
            ? TimeSpan.FromMilliseconds(microseconds / MicrosecondsPerMillisecond)
            : null;

    private async Task<bool> HasStartedAsync(CancellationToken stopping)
    {
        using var started = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStarted, stopping);
        await Task.Delay(Timeout.Infinite, started.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stopping.IsCancellationRequested;
    }

    private async Task WatchAsync(string path, TimeSpan every, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(every);
        try
        {
            do
                if (await IsAliveAsync(every, stopping)) Tell(path, "WATCHDOG=1");
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task<bool> IsAliveAsync(TimeSpan patience, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(patience);
        var what = "write gate";
        try
        {
            using (await gate.EnterAsync(limit.Token)) { }
            what = "job engine";
            await jobs.AnswersAsync(limit.Token).WaitAsync(limit.Token);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or JobsUnavailableException && !stopping.IsCancellationRequested)
        {
            LogStuck(logger, what);
            return false;
        }
    }

    private void Tell(string path, string words)
    {
        try
        {
            // A word that nobody takes is lost: nothing here waits for it.
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
            // One that begins with @ is a name without a file.
            socket.SendTo(Encoding.ASCII.GetBytes(words), new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
        }
        catch (SocketException e)
        {
            LogUntold(logger, e, words);
        }
    }

    [LoggerMessage(911, LogLevel.Error, "The {What} is stuck: the watchdog is not told, and starts the server anew if it stays so")]
    private static partial void LogStuck(ILogger logger, string what);

    [LoggerMessage(912, LogLevel.Warning, "systemd could not be told {Words}")]
    private static partial void LogUntold(ILogger logger, Exception exception, string words);
}
