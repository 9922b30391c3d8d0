using System.Net.Sockets;
using System.Text;
using ChatMvc.Data;

namespace ChatMvc.Control;

/// <summary>
/// The file <c>control.sock</c> in the data directory, through which commands reach the server that runs: only the process
/// that serves writes to the database. Whoever may open the file, its owner alone, may ask.
/// </summary>
internal sealed class ControlSocket(DataDirectory directory, IServiceScopeFactory scopes, ILogger<ControlSocket> logger) : BackgroundService
{
    /// <summary>Bytes: what the kernel takes for a socket's path, less the zero at its end.</summary>
    public const int LongestPath = 107;
    /// <summary>For one command, from its line to the answer's.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    /// <summary>Commands that wait for their turn.</summary>
    private const int Backlog = 8;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);

    private Socket? listener;

    public static string PathIn(string directory) => Path.Combine(directory, "control.sock");

    public static bool Fits(string path) => Encoding.UTF8.GetByteCount(path) <= LongestPath;

    // Before the server says that it has started, so that a command which comes then finds it.
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        var path = PathIn(directory.Path);
        if (!Fits(path)) ControlLog.PathTooLong(logger, LongestPath);
        else TryListen(path);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (listener is not null && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var client = await listener.AcceptAsync(stoppingToken);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                limit.CancelAfter(Patience);
                await ServeAsync(client, limit.Token);
            }
            // Whatever went wrong with one command, the next one is served.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                ControlLog.CommandFailed(logger, e);
                await Task.Delay(AfterFailure, stoppingToken);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (listener is null) return;
        listener.Dispose();
        File.Delete(PathIn(directory.Path));
    }

    public override void Dispose()
    {
        listener?.Dispose();
        base.Dispose();
    }

    private void TryListen(string path)
    {
        try
        {
            // The directory's lock is ours: whoever left this file is gone.
            File.Delete(path);
            listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            // Not before the mode is set: until now nobody is let in.
            listener.Listen(Backlog);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            ControlLog.NotListening(logger, e);
            listener?.Dispose();
            listener = null;
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken cancellation)
    {
        await using var stream = new NetworkStream(client);
        var request = await ControlLine.ReadAsync<ControlRequest>(stream, cancellation);
        await using var scope = scopes.CreateAsyncScope();
        await ControlLine.WriteAsync(stream, await ControlCommands.RunAsync(scope.ServiceProvider, request, cancellation), cancellation);
    }
}

internal static partial class ControlLog
{
    [LoggerMessage(901, LogLevel.Warning, "The path of control.sock has more than {Longest} bytes: commands work only while the server is stopped. Set a shorter DataDirectory")]
    public static partial void PathTooLong(ILogger logger, int longest);

    [LoggerMessage(902, LogLevel.Warning, "control.sock cannot be listened on: commands work only while the server is stopped")]
    public static partial void NotListening(ILogger logger, Exception exception);

    [LoggerMessage(903, LogLevel.Warning, "A command failed")]
    public static partial void CommandFailed(ILogger logger, Exception exception);
}
