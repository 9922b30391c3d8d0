using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench;

/// <summary>What every figure works with: the published program, the stand-in, how often to run, where to say what goes on.</summary>
internal sealed class Workbench : IAsyncDisposable
{
    /// <summary>After the warm-up: the runtime compiles its hot methods anew behind the first calls.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    private readonly string folder = Directory.CreateTempSubdirectory("chatmvc-bench-").FullName;
    private readonly List<Site> sites = [];
    private string? program;
    private int folders;

    private Workbench(int runs, string? program, StandInProcess standIn) => (Runs, this.program, StandIn) = (runs, program, standIn);

    public int Runs { get; }
    public StandInProcess StandIn { get; }

    public static void Say(string words) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {words}");

    /// <param name="runs">Of each figure, after its warm-up.</param>
    /// <param name="program">A published program; null to publish the present one.</param>
    public static async Task<Workbench> SetUpAsync(int runs, string? program)
    {
        var bench = new Workbench(runs, program is null ? null : Path.GetFullPath(program), await StandInProcess.StartAsync());
        if (program is not null) return bench;
        try
        {
            Say("publishing");
            bench.program = Path.Combine(bench.folder, "program");
            await Published.PublishAsync(bench.program);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>A new folder below the one that is deleted at the end.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(folder, $"{++folders}")).FullName;

    /// <summary>A data directory with people and rooms in it.</summary>
    public async Task<(string Folder, T Seeded)> SeedAsync<T>(Func<Seed, Task<T>> fill)
    {
        var data = NewFolder();
        await using var seed = Seed.Open(data, StandIn);
        return (data, await fill(seed));
    }

    /// <summary>Starts the program on a data directory.</summary>
    public async Task<Site> StartAsync(string data, IReadOnlyDictionary<string, string>? environment = null) =>
        Keep(await Site.StartAsync(program!, data, StandIn, environment));

    /// <summary>Starts it without waiting for anything.</summary>
    public Site Begin(string data) => Keep(Site.Begin(program!, data, StandIn));

    /// <summary>Runs one of the program's commands on a data directory, whether or not a server runs on it.</summary>
    public Task CommandAsync(string data, params string[] words) => Site.CommandAsync(program!, data, StandIn, words);

    /// <summary>One round of the load that is not counted, then each run of it.</summary>
    public async Task RunAsync(string name, Func<Task> warmUp, Func<Task> run)
    {
        Say($"{name}: warm-up");
        await warmUp();
        await Task.Delay(Settling);
        for (var n = 1; n <= Runs; n++)
        {
            Say($"{name}: run {n} of {Runs}");
            await run();
        }
    }

    /// <summary>Ends what a figure that broke off has left running.</summary>
    public async Task EndSitesAsync()
    {
        foreach (var site in sites.ToList()) await site.DisposeAsync();
        sites.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await EndSitesAsync();
        StandIn.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private Site Keep(Site site)
    {
        sites.Add(site);
        site.Ended += () => sites.Remove(site);
        return site;
    }
}
