using System.Net.Sockets;
using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Operators.Access;
using ChatMvc.Operators.Audit;
using ChatMvc.Shared;

namespace ChatMvc.Control;

/// <summary>Has a command done: by the server that runs, or here where none does.</summary>
internal static class ControlClient
{
    /// <summary>A server that is about to start or to stop holds the lock without listening.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <exception cref="SettingsException">The data directory cannot be used, or its server cannot be reached.</exception>
    public static async Task<ControlAnswer> AskAsync(WebApplicationBuilder builder, ControlRequest request)
    {
        var directory = DataDirectory.PathOf(Settings.Read<ServerSettings>(builder.Configuration).DataDirectory);
        var socket = ControlSocket.PathIn(directory);
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            if (ControlSocket.Fits(socket) && await TryAskAsync(socket, request) is { } answer) return answer;
            if (!DataDirectory.IsInUse(directory)) return await RunHereAsync(builder, request);
            if (!ControlSocket.Fits(socket))
                throw new SettingsException($"The server that runs cannot be reached: the path {socket} has more than {ControlSocket.LongestPath} bytes. Stop the server for this command, or set a shorter DataDirectory.");
            if (DateTime.UtcNow > until)
                throw new SettingsException($"DataDirectory {directory} is in use by a process that does not answer on control.sock. Is it another command, or an older server?");
            await Task.Delay(Pause);
        }
    }

    /// <summary>Tells the server that runs, if there is one, what it may want to know.</summary>
    public static async Task TellAsync(string directory, ControlRequest request)
    {
        var socket = ControlSocket.PathIn(directory);
        if (!ControlSocket.Fits(socket)) return;
        try
        {
            await TryAskAsync(socket, request);
        }
        catch (SettingsException)
        {
            // Of another user: it does not hear of it.
        }
    }

    private static async Task<ControlAnswer?> TryAskAsync(string path, ControlRequest request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new SettingsException($"{path} is for the user alone that runs the server. Run this command as that user.");
        }
        // Nobody listens, or there is no such file.
        catch (SocketException)
        {
            return null;
        }
        try
        {
            using var limit = new CancellationTokenSource(ControlSocket.Patience);
            await using var stream = new NetworkStream(socket);
            await ControlLine.WriteAsync(stream, request, limit.Token);
            return await ControlLine.ReadAsync<ControlAnswer>(stream, limit.Token);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException)
        {
            return new ControlAnswer(false, "The server did not answer, and may have done it or not. Its log says why; the command can be given again.");
        }
    }

    private static async Task<ControlAnswer> RunHereAsync(WebApplicationBuilder builder, ControlRequest request)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        var settings = builder.AddSettings<ServerSettings>();
        // Nobody is signed in here: the audit log takes whoever writes for the command line.
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(OperatorNumbers.From(settings))
            .AddHttpContextAccessor().AddScoped<CurrentUser>().AddScoped<AuditLog>();
        builder.AddData(settings);
        await using var app = builder.Build();
        app.MigrateDatabase();
        try
        {
            await using var scope = app.Services.CreateAsyncScope();
            return await ControlCommands.RunAsync(scope.ServiceProvider, request, CancellationToken.None);
        }
        finally
        {
            // Else the next start would take this for a crash.
            app.Services.GetRequiredService<StopMark>().Clear();
        }
    }
}
