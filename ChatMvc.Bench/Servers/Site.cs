using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ChatMvc.Bench.Load;

namespace ChatMvc.Bench.Servers;

/// <summary>One run of the published program, in Production, on a folder of its own, with the stand-in as its upstream.</summary>
internal sealed class Site : IAsyncDisposable
{
    private const int FirstPort = 5100, Ports = 100;
    private const int Sigterm = 15;
    private const int MaxLines = 200;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan CommandPatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(5);

    private readonly Process process;
    private readonly StandInProcess standIn;
    private readonly Queue<string> lines = new();
    private bool isDisposed;

    private Site(Process process, int port, StandInProcess standIn)
    {
        (this.process, Port, this.standIn) = (process, port, standIn);
        Meter = new ProcessMeter(process.Id);
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        standIn.Watch(process.Id);
    }

    public event Action? Ended;

    public int Port { get; }
    public int ProcessId => process.Id;
    public ProcessMeter Meter { get; }
    public Uri Address => new($"http://127.0.0.1:{Port}/");

    public string Output
    {
        get { lock (lines) return string.Join('\n', lines); }
    }

    /// <summary>The settings of every run: a personal server on its owner's key, wide open for one machine's load.</summary>
    public static Dictionary<string, string> Settings(string dataDirectory, int port, StandInProcess standIn) => new()
    {
        ["Urls"] = $"http://127.0.0.1:{port}",
        ["PublicUrl"] = $"http://127.0.0.1:{port}",
        ["DataDirectory"] = dataDirectory,
        ["OpenAI:BaseUrl"] = new Uri(standIn.Address, "v1").ToString(),
        ["OpenAI:ApiKey"] = "bench",
        ["Sms:Provider"] = "console",
        ["Billing:Provider"] = "none",
        ["RateLimits:Enabled"] = "false",
        ["Limits:ConcurrentAnswers"] = "10000",
        ["Limits:QueuedAnswers"] = "10000",
    };

    /// <summary>Starts it without waiting for anything.</summary>
    public static Site Begin(string program, string dataDirectory, StandInProcess standIn, IReadOnlyDictionary<string, string>? environment = null)
    {
        var port = FreePort();
        return new Site(Process.Start(Told(program, dataDirectory, Settings(dataDirectory, port, standIn), environment))!, port, standIn);
    }

    /// <summary>Runs one of the program's commands beside it, as an operator would.</summary>
    /// <exception cref="InvalidOperationException">It failed; with what it said.</exception>
    public static async Task CommandAsync(string program, string dataDirectory, StandInProcess standIn, params string[] words)
    {
        using var command = Process.Start(Told(program, dataDirectory, Settings(dataDirectory, port: 0, standIn), null, words))!;
        var said = await Task.WhenAll(command.StandardOutput.ReadToEndAsync(), command.StandardError.ReadToEndAsync()).WaitAsync(CommandPatience);
        await command.WaitForExitAsync();
        if (command.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', words)} failed:\n{string.Join('\n', said)}");
    }

    /// <summary>Starts it and waits for its first answer.</summary>
    public static async Task<Site> StartAsync(string program, string dataDirectory, StandInProcess standIn, IReadOnlyDictionary<string, string>? environment = null)
    {
        var site = Begin(program, dataDirectory, standIn, environment);
        try
        {
            await site.AnswersAsync("/healthz");
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tries to connect every 5 ms until it does, then asks for this page, until it is had with status 200.</summary>
    public async Task AnswersAsync(string path)
    {
        var until = Clock.Now + Clock.Ticks(StartPatience.TotalMilliseconds);
        while (true)
        {
            try
            {
                using var line = HttpLine.Open(Port);
                var reply = await line.SendAsync(Requests.Get(Port, path));
                if (reply.Status == 200) return;
            }
            // Nobody listens yet.
            catch (SocketException) { }
            catch (IOException) { }
            if (process.HasExited || Clock.Now > until) throw new InvalidOperationException($"The server did not answer {path}:\n{Output}");
            await Task.Delay(PollEvery);
        }
    }

    /// <summary>SIGTERM; how many milliseconds it takes to end.</summary>
    public async Task<double> EndAsync()
    {
        var began = Clock.Now;
        _ = SendSignal(process.Id, Sigterm);
        await process.WaitForExitAsync().WaitAsync(EndPatience);
        return Clock.Milliseconds(began, Clock.Now);
    }

    public async ValueTask DisposeAsync()
    {
        if (isDisposed) return;
        isDisposed = true;
        if (!process.HasExited) _ = SendSignal(process.Id, Sigterm);
        try
        {
            await process.WaitForExitAsync().WaitAsync(EndPatience);
        }
        catch (TimeoutException)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        standIn.Forget(process.Id);
        process.Dispose();
        Ended?.Invoke();
    }

    private static ProcessStartInfo Told(string program, string dataDirectory, Dictionary<string, string> settings, IReadOnlyDictionary<string, string>? environment, params string[] words)
    {
        var start = new ProcessStartInfo(DotNet.Host, [Path.Combine(program, "ChatMvc.dll"), .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = dataDirectory,
        };
        start.Environment.Remove("OPENAI_API_KEY");
        // Of whoever started us: `dotnet run` leaves some behind, and what is measured is the program as it is shipped.
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToList()) start.Environment.Remove(name);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        foreach (var (key, value) in settings) start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        return start;
    }

    private static bool IsOurs(string name) =>
        name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.StartsWith("DOTNET_", StringComparison.Ordinal) && name is not "DOTNET_ROOT" and not "DOTNET_HOST_PATH";

    private void Take(string? line)
    {
        if (line is null) return;
        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > MaxLines) lines.Dequeue();
        }
    }

    private static int FreePort()
    {
        // From another place each time, so that two of us at once do not find the same one.
        var first = Random.Shared.Next(Ports);
        for (var n = 0; n < Ports; n++)
        {
            var port = FirstPort + (first + n) % Ports;
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse) { }
        }
        throw new InvalidOperationException($"No port is free from {FirstPort} on.");
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SendSignal(int process, int signal);
}
