using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Figures;

/// <summary>A gigabyte is backed up by the command while somebody sends without a pause: how long the slowest send has to wait.</summary>
internal sealed class BackupFigure : Figure
{
    private const int Messages = 50_000, ArticleBytes = 20_000, Exchanges = 2, Rooms = 10;
    private const int Tokens = 3, Delay = 5, First = 5, Sends = 200;
    private const double Giga = 1_000_000_000;

    private static readonly Goal Worst = new("longest wait for the 303 of a send during a backup of 1 GB", "ms", AtMost: 200);
    private static readonly Goal Late = new("… p95", "ms");
    private static readonly Goal Without = new("… longest of 200 sends without a backup", "ms");
    private static readonly Goal Took = new("… the backup takes, with its proof", "s");

    public override string Name => "backup";
    public override IReadOnlyList<Goal> Goals => [Worst, Late, Without, Took];
    public override TimeSpan Limit => TimeSpan.FromMinutes(8);

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        Workbench.Say($"{Name}: filling the database");
        var (data, rooms) = await bench.SeedAsync(async seed =>
        {
            var owner = await seed.PersonAsync();
            await seed.ArchiveAsync(owner, Messages, ArticleBytes);
            return await seed.RoomsAsync(owner, Rooms, Exchanges);
        });
        var file = Path.Combine(bench.NewFolder(), "bench.chatmvc");
        await using var site = await bench.StartAsync(data);
        var visits = await Task.WhenAll(rooms.Select(room => Visit.OpenAsync(site, room)));
        var sends = new List<int>();
        await bench.RunAsync(Name, () => SendAsync(visits, Task.Delay(TimeSpan.FromSeconds(3))), async () =>
        {
            readings.Add(Without, (await SendAsync(visits, Task.CompletedTask)).Max());
            var began = Clock.Now;
            var backup = bench.CommandAsync(data, "backup", file, "--overwrite");
            var waits = await SendAsync(visits, backup);
            await backup;
            readings.Add(Took, Clock.Milliseconds(began, Clock.Now) / 1_000);
            readings.Add(Worst, waits.Max());
            readings.Add(Late, waits.Percentile(95));
            sends.Add(waits.Count);
        });
        readings.Notes.Add($"chat.db is {new FileInfo(Path.Combine(data, "chat.db")).Length / Giga:N2} GB, the backup {new FileInfo(file).Length / Giga:N2} GB; both on the same disk. "
            + $"One send after the other, from before the post is written to its 303 being read, in {Rooms} rooms by turns; {string.Join(" / ", sends)} of them during the backups.");
        foreach (var visit in visits) visit.Dispose();
    }

    // Until the work is done, and two hundred at least.
    private static async Task<List<double>> SendAsync(Visit[] visits, Task work)
    {
        var waits = new List<double>();
        while (!work.IsCompleted || waits.Count < Sends)
        {
            var visit = visits[waits.Count % visits.Length];
            var (sent, accepted) = await visit.PostAsync(visit.Form(Wish.New(Tokens, Delay, First)));
            waits.Add(Clock.Milliseconds(sent, accepted));
            await Task.Delay(5);
        }
        return waits;
    }
}
