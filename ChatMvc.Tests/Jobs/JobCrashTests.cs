using System.Diagnostics;
using System.Runtime.CompilerServices;
using ChatMvc.Jobs;

namespace ChatMvc.Tests.Jobs;

/// <summary>The test assembly run as a program of its own is the server that gets killed.</summary>
public sealed class JobCrashTests : IDisposable
{
    private const string ChildFile = "CHATMVC_JOB_CHILD_FILE";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_job_that_was_running_when_the_process_was_killed_runs_at_the_next_start()
    {
        var file = _directory["jobs.db"];
        using (var child = StartChild(file))
        {
            using var limit = new CancellationTokenSource(Patience);
            Assert.Equal("began 1", await child.StandardOutput.ReadLineAsync(limit.Token));
            child.Kill(); // SIGKILL
            await child.WaitForExitAsync(limit.Token);
            Assert.Equal(128 + 9, child.ExitCode);
        }

        await using var host = await JobHost.StartAsync(file);

        await host.Journal.Has("began 1");
        Assert.Equal(["1", "later"], (await host.Queue.PendingIdsAsync<Endless>()).Order(StringComparer.Ordinal));
    }

    // Main of a test assembly is empty. A thread in the foreground keeps the process alive behind it; the initializer
    // itself must return, or whatever else touches this assembly waits for it.
    [ModuleInitializer]
    internal static void BecomeTheChild()
    {
        if (Environment.GetEnvironmentVariable(ChildFile) is { } file)
            new Thread(() => RunChildAsync(file).GetAwaiter().GetResult()) { IsBackground = false }.Start();
    }

    private static Process StartChild(string file)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(JobCrashTests).Assembly.Location);
        start.Environment[ChildFile] = file;
        return Process.Start(start)!;
    }

    private static async Task RunChildAsync(string file)
    {
        await using var host = await JobHost.StartAsync(file);
        await host.Queue.EnqueueAsync<Endless>("later", DateTimeOffset.UtcNow.AddHours(1));
        await host.Queue.EnqueueAsync<Endless>("1");
        await host.Journal.Has("began 1");
        Console.WriteLine("began 1");
        await Task.Delay(Patience);
    }
}
