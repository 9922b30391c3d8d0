using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ChatMvc.Bench;

/// <summary>What the figures were measured on, and how quiet it was there.</summary>
internal static class Machine
{
    private const double QuietLoad = 0.5;
    private const int Spins = 20;
    private const int SpinMilliseconds = 50;

    /// <summary>How long to wait for a load average that still tells of the minute before.</summary>
    private static readonly TimeSpan QuietPatience = TimeSpan.FromMinutes(2);

    /// <summary>Waits until the machine is quiet; not for ever.</summary>
    public static async Task IsQuietAsync(CancellationToken cancellation)
    {
        var since = Clock.Now;
        while (!IsQuiet(Load()) && Clock.Milliseconds(since, Clock.Now) < QuietPatience.TotalMilliseconds && !cancellation.IsCancellationRequested)
            await Task.Delay(1_000, CancellationToken.None);
    }

    public static IReadOnlyList<string> Describe(Action<string> warn)
    {
        var load = Load();
        var spins = Spin();
        var lines = new List<string>
        {
            $"Measured {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC on {Environment.ProcessorCount} cores ({Processor}), Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}, "
                + $"{RuntimeInformation.FrameworkDescription}. Server, stand-in upstream and driver are processes of their own on it.  ",
            $"Noise: load average before {load[0]} {load[1]} {load[2]}; a spin loop of {spins.Median():N1} ms, {Spins} times: {spins.Min():N1}–{spins.Max():N1} ms "
                + $"({(spins.Max() / spins.Min() - 1) * 100:N0} % spread).",
        };
        if (!IsQuiet(load))
        {
            lines.Add($"\n**WARNING: the machine was busy (load average {load[0]} > {QuietLoad}). These figures are not to be trusted.**");
            warn($"WARNING: load average {load[0]}. Something else is running; the figures will be worse than they are.");
        }
        return lines;
    }

    public static string[] Load() => File.ReadAllText("/proc/loadavg").Split(' ');

    private static bool IsQuiet(string[] load) => double.Parse(load[0], CultureInfo.InvariantCulture) <= QuietLoad;

    private static string Processor => File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";

    // The same work again and again: what it varies by is not ours.
    private static List<double> Spin()
    {
        var rounds = 100_000L;
        // The least of three: one that was interrupted would end this too early.
        while (Enumerable.Range(0, 3).Min(_ => Time(rounds)) < SpinMilliseconds) rounds *= 2;
        return [.. Enumerable.Range(0, Spins).Select(_ => Time(rounds))];
    }

    private static double Time(long rounds)
    {
        var began = Clock.Now;
        var sum = 1UL;
        for (var n = 0L; n < rounds; n++) sum = sum * 6364136223846793005 + 1442695040888963407;
        GC.KeepAlive(sum);
        return Clock.Milliseconds(began, Clock.Now);
    }
}
