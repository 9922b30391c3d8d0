using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ChatMvc.Tests.Crash;

/// <summary>One run of the real program as a process of its own. It dies with the test, however that ends.</summary>
public sealed class ServerProcess : IDisposable
{
    /// <summary>The exit code that a process has after SIGKILL.</summary>
    public const int Killed = 128 + 9;
    private const int Sigterm = 15;
    private const int MaxLines = 2_000;
    private const string ReadyLine = "Application started";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> lines = new();
    private readonly long started = Stopwatch.GetTimestamp();

    private ServerProcess(Process process) => this.process = process;

    /// <summary>From the start of the process to the end of its start-up.</summary>
    public TimeSpan TimeToReady { get; private set; }
    public bool IsRunning => !process.HasExited;

    /// <summary>What it has written so far, at most the last 2,000 lines.</summary>
    public string Output
    {
        get { lock (lines) return string.Join('\n', lines); }
    }

    /// <summary>What it has logged as errors, each as one line.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (lines)
                return [.. lines.Zip(lines.Skip(1)).Where(l => l.First.StartsWith("fail:", StringComparison.Ordinal) || l.First.StartsWith("crit:", StringComparison.Ordinal))
                    .Select(l => $"{l.First} {l.Second.Trim()}")];
        }
    }

    /// <param name="settings">As on the command line, without dashes.</param>
    public static ServerProcess Start(IEnumerable<string> settings, Moment? death = null)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", ProgramFile, .. settings.Select(s => "--" + s)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        start.Environment[StartupHook.KillAt] = death?.Line;
        start.Environment.Remove("OPENAI_API_KEY");
        // Profiling pays off in long lives only; without it the start is a little faster.
        start.Environment["DOTNET_TieredPGO"] = "0";
        // Nor does code that is compiled again, and better, in so short a life.
        start.Environment["DOTNET_TC_CallCounting"] = "0";
        // Nor is it attacked by code written into its memory; what guards against that takes an eighth of the start.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        var process = new ServerProcess(Process.Start(start)!);
        process.Listen();
        return process;
    }

    /// <summary>Waits until it has started; false when it ended before.</summary>
    public async Task<bool> BecomesReadyAsync()
    {
        await Task.WhenAny(ready.Task, process.WaitForExitAsync()).WaitAsync(StartPatience);
        return ready.Task.IsCompleted;
    }

    /// <summary>SIGKILL. False when it had ended by itself before.</summary>
    public async Task<bool> KillAsync()
    {
        if (process.HasExited) return false;
        process.Kill();
        return await ExitCodeAsync() == Killed;
    }

    /// <summary>SIGTERM: the exit code, and how long it took.</summary>
    public async Task<(int ExitCode, TimeSpan Took)> TerminateAsync()
    {
        var began = Stopwatch.GetTimestamp();
        _ = SendSignal(process.Id, Sigterm);
        return (await ExitCodeAsync(), Stopwatch.GetElapsedTime(began));
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitCodeAsync()
    {
        try
        {
            // Also for the end of its output.
            await process.WaitForExitAsync().WaitAsync(EndPatience);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"The server did not end within {EndPatience.TotalSeconds} s:\n{Output}");
        }
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    // The built program lies beside the tests with everything it needs to be run by itself.
    private static string ProgramFile
    {
        get
        {
            var file = typeof(Program).Assembly.Location;
            return File.Exists(Path.ChangeExtension(file, ".runtimeconfig.json"))
                ? file
                : throw new InvalidOperationException($"{file} cannot be run: its runtimeconfig.json is missing.");
        }
    }

    private void Listen()
    {
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private void Take(string? line)
    {
        if (line is null) return;
        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > MaxLines) lines.Dequeue();
        }
        if (!line.Contains(ReadyLine, StringComparison.Ordinal) || ready.Task.IsCompleted) return;
        TimeToReady = Stopwatch.GetElapsedTime(started);
        ready.TrySetResult();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SendSignal(int process, int signal);
}
