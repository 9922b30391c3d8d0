using System.Diagnostics;
using System.Globalization;

namespace ChatMvc.Bench.Servers;

/// <summary>What the kernel says of a process: processor time and memory.</summary>
internal sealed class ProcessMeter(int id)
{
    /// <summary>Beyond this something is badly wrong, and the machine is to be spared.</summary>
    private const long MostMemory = 4L << 30;
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(50);
    /// <summary>USER_HZ is 100 on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Seconds of processor time, user and system, since its start; to the hundredth.</summary>
    public double ProcessorSeconds
    {
        get
        {
            // The name, in brackets, may hold anything; utime and stime are the 12th and 13th after it.
            var fields = File.ReadAllText($"/proc/{id}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    public Memory Memory
    {
        get
        {
            long resident = 0, anonymous = 0, peak = 0;
            foreach (var line in File.ReadLines($"/proc/{id}/status"))
            {
                if (line.StartsWith("VmRSS:", StringComparison.Ordinal)) resident = Bytes(line);
                else if (line.StartsWith("RssAnon:", StringComparison.Ordinal)) anonymous = Bytes(line);
                else if (line.StartsWith("VmHWM:", StringComparison.Ordinal)) peak = Bytes(line);
            }
            return new(resident, anonymous, peak);
        }
    }

    /// <summary>The most memory during some work: the kernel's own peak, begun anew, and samples each 50 ms.</summary>
    public async Task<Memory> PeakDuringAsync(Func<Task> work)
    {
        // 5 resets VmHWM to what is resident now.
        await File.WriteAllTextAsync($"/proc/{id}/clear_refs", "5");
        var most = Memory;
        using var over = new CancellationTokenSource();
        var sampling = SampleAsync(sample => most = most.Or(sample), over.Token);
        try
        {
            await work();
        }
        finally
        {
            await over.CancelAsync();
            await sampling;
        }
        return most.Or(Memory);
    }

    private async Task SampleAsync(Action<Memory> note, CancellationToken over)
    {
        using var timer = new PeriodicTimer(SampleEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(over))
            {
                var sample = Memory;
                note(sample);
                if (sample.Resident > MostMemory) Process.GetProcessById(id).Kill();
            }
        }
        catch (OperationCanceledException) { }
    }

    private static long Bytes(string line) => long.Parse(line.Split(' ', '\t').First(w => w.Length > 0 && char.IsAsciiDigit(w[0])), CultureInfo.InvariantCulture) * 1024;
}

/// <summary>Bytes of memory.</summary>
/// <param name="Resident">In all (<c>VmRSS</c>): the program's own files that are mapped count too.</param>
/// <param name="Anonymous">Heaps and stacks alone (<c>RssAnon</c>).</param>
/// <param name="Peak">The most that was resident (<c>VmHWM</c>).</param>
internal readonly record struct Memory(long Resident, long Anonymous, long Peak)
{
    private const double Mega = 1_000_000;

    /// <summary>Megabytes of 10^6.</summary>
    public double PeakMB => Math.Max(Peak, Resident) / Mega;
    public double ResidentMB => Resident / Mega;
    public double AnonymousMB => Anonymous / Mega;

    public Memory Or(Memory other) => new(Math.Max(Resident, other.Resident), Math.Max(Anonymous, other.Anonymous), Math.Max(Peak, other.Peak));
}
