using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Figures;

/// <summary>From the start of the process to its first answer, on a data directory that was used before; and what it takes when idle.</summary>
internal sealed class StartFigure : Figure
{
    private const int Starts = 10, Rooms = 20, Exchanges = 5;
    private const string Door = "/signin", Pulse = "/healthz";
    private static readonly TimeSpan Idleness = TimeSpan.FromSeconds(10);

    private static readonly Goal Page = new("start of the published program → its first page (/signin)", "s", AtMost: 0.8, Peers: "0.28; 1.7", Digits: 2);
    private static readonly Goal Alive = new("… → its first answer of any kind (/healthz)", "s", Digits: 2);
    private static readonly Goal Idle = new("idle memory (RSS), 10 s after its first page", "MB", AtMost: 100, Peers: "53; 235", Digits: 0);

    public override string Name => "start";
    public override IReadOnlyList<Goal> Goals => [Page, Alive, Idle];

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        var (data, _) = await bench.SeedAsync(async seed => await seed.RoomsAsync(await seed.PersonAsync(), Rooms, Exchanges));
        Workbench.Say($"{Name}: warm-up");
        await StartAsync(bench, data, Door);
        await StartAsync(bench, data, Pulse);
        Workbench.Say($"{Name}: {Starts} starts of each kind");
        for (var n = 0; n < Starts; n++)
        {
            readings.Add(Page, await StartAsync(bench, data, Door));
            readings.Add(Alive, await StartAsync(bench, data, Pulse));
        }
        var anonymous = new List<double>();
        for (var n = 1; n <= bench.Runs; n++)
        {
            Workbench.Say($"{Name}: idle {n} of {bench.Runs}");
            await using var site = bench.Begin(data);
            await site.AnswersAsync(Door);
            await Task.Delay(Idleness);
            readings.Add(Idle, site.Meter.Memory.ResidentMB);
            anonymous.Add(site.Meter.Memory.AnonymousMB);
        }
        readings.Notes.Add($"from before the process is made to status 200, tried every 5 ms; {Starts} starts instead of runs, each ended by SIGTERM; files in the page cache. Of the idle memory {anonymous.Median():N0} MB are heaps and stacks.");
    }

    private static async Task<double> StartAsync(Workbench bench, string data, string path)
    {
        var began = Clock.Now;
        await using var site = bench.Begin(data);
        await site.AnswersAsync(path);
        return Clock.Milliseconds(began, Clock.Now) / 1_000;
    }
}
