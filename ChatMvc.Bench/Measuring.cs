using System.Runtime.InteropServices;
using ChatMvc.Bench.Figures;

namespace ChatMvc.Bench;

/// <summary>All the figures that were asked for, one after the other, and the table of what came of them.</summary>
internal sealed class Measuring
{
    public const int DefaultRuns = 3;
    private const int MostRuns = 100;
    /// <summary>The exit code of a shell's Ctrl-C.</summary>
    private const int Interrupted = 130;
    /// <summary>Of everything together, with the default number of runs: about twice what it takes.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    private readonly List<Figure> figures = [];
    private int runs = DefaultRuns;
    private string? app;

    // More runs may take longer.
    private double Patience => Math.Max(1, (double)runs / DefaultRuns);

    /// <returns>Null when there is something among the words that is none of ours.</returns>
    public static Measuring? Parse(IEnumerable<string> arguments)
    {
        var words = new Queue<string>(arguments);
        var measuring = new Measuring();
        while (words.TryDequeue(out var word))
        {
            switch (word)
            {
                case "figures":
                    while (words.TryPeek(out var name) && Figure.All.FirstOrDefault(f => f.Name == name) is { } figure)
                    {
                        measuring.figures.Add(figure);
                        words.Dequeue();
                    }
                    if (measuring.figures.Count == 0) return null;
                    break;
                case "runs" when words.TryDequeue(out var n) && int.TryParse(n, out var runs) && runs is > 0 and <= MostRuns:
                    measuring.runs = runs;
                    break;
                case "--app" when words.TryDequeue(out var folder):
                    measuring.app = folder;
                    break;
                default:
                    return null;
            }
        }
        return measuring;
    }

    /// <returns>The exit code: 0 when every target was met.</returns>
    public async Task<int> RunAsync()
    {
        using var interrupt = new CancellationTokenSource(Limit * Patience);
        using var pressed = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => End(signal, interrupt));
        using var told = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => End(signal, interrupt));
        await using var bench = await Workbench.SetUpAsync(runs, app);
        // What published has just kept the machine busy itself.
        if (app is null) await Machine.IsQuietAsync(interrupt.Token);
        var machine = Machine.Describe(Workbench.Say);
        var measured = new List<(Figure Figure, Readings Readings)>();
        foreach (var figure in figures.Count > 0 ? figures : Figure.All)
        {
            if (interrupt.IsCancellationRequested) break;
            measured.Add((figure, await MeasureAsync(bench, figure, figure.Limit * Patience, interrupt.Token)));
        }
        Console.WriteLine(Report.Write(measured, machine));
        return interrupt.IsCancellationRequested ? Interrupted : Report.IsAllMet(measured) ? 0 : 1;
    }

    // The first time everything is put away; whoever cannot wait asks again.
    private static void End(PosixSignalContext signal, CancellationTokenSource interrupt)
    {
        signal.Cancel = !interrupt.IsCancellationRequested;
        interrupt.Cancel();
    }

    private static async Task<Readings> MeasureAsync(Workbench bench, Figure figure, TimeSpan limit, CancellationToken interrupt)
    {
        var readings = new Readings();
        try
        {
            await Task.Run(() => figure.MeasureAsync(bench, readings), interrupt).WaitAsync(limit, interrupt);
        }
        // One that cannot be had does not take the others along.
        catch (Exception e)
        {
            readings.Failure = e is TimeoutException ? $"not done within {limit}: {e.Message}" : e.Message;
            Workbench.Say($"{figure.Name} failed: {e}");
        }
        await bench.EndSitesAsync();
        return readings;
    }
}
