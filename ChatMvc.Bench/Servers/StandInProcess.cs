using System.Diagnostics;
using System.Globalization;

namespace ChatMvc.Bench.Servers;

/// <summary>What the stand-in noted of one question.</summary>
/// <param name="Requests">How often it was asked; more than once after a repetition.</param>
/// <param name="Arrived">When the request came.</param>
/// <param name="Written">When each token was about to be written.</param>
internal sealed record UpstreamCall(int Requests, long Arrived, long[] Written);

/// <summary>The stand-in, seen from the one that drives.</summary>
internal sealed class StandInProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process process;
    private readonly HttpClient http;

    private StandInProcess(Process process, Uri address)
    {
        this.process = process;
        Address = address;
        http = new HttpClient { BaseAddress = address, Timeout = Patience };
    }

    public Uri Address { get; }

    public static async Task<StandInProcess> StartAsync()
    {
        var process = Process.Start(new ProcessStartInfo(DotNet.Host, ["exec", typeof(StandIn).Assembly.Location, StandIn.Command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            // Its host watches the files below this; the data directory must not be among them.
            WorkingDirectory = AppContext.BaseDirectory,
        })!;
        process.StandardInput.AutoFlush = true;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        if (line?.StartsWith(StandIn.ReadyLine, StringComparison.Ordinal) != true) throw new InvalidOperationException($"The stand-in did not start: {line}");
        return new StandInProcess(process, new Uri(line[StandIn.ReadyLine.Length..]));
    }

    /// <summary>Ends that process too, should this one end without doing so.</summary>
    public void Watch(int process) => this.process.StandardInput.WriteLine($"{StandIn.Watch}{process}");

    public void Forget(int process) => this.process.StandardInput.WriteLine($"{StandIn.Forget}{process}");

    /// <summary>Waits until the last token of an answer was written.</summary>
    public async Task HasFinishedAsync(Wish wish) => (await http.GetAsync($"finished?id={wish.Id}")).EnsureSuccessStatusCode();

    /// <summary>What was noted of these questions; it is forgotten there. A question that never came is missing.</summary>
    public async Task<Dictionary<int, UpstreamCall>> TakeCallsAsync(IReadOnlyCollection<Wish> wishes)
    {
        var text = await http.GetStringAsync($"calls?from={wishes.Min(w => w.Id)}&to={wishes.Max(w => w.Id)}");
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture)).ToArray())
            .ToDictionary(numbers => (int)numbers[0], numbers => new UpstreamCall((int)numbers[1], numbers[2], numbers[3..]));
    }

    public void Dispose()
    {
        http.Dispose();
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}

internal static class DotNet
{
    public static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
}
