using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Figures;

/// <summary>5,000 rooms that are open in browsers and in which nothing happens: pages loaded, streams held, heartbeats sent.</summary>
internal sealed class IdleFollowersFigure : Figure
{
    // As many streams as one person may have.
    private const int People = 250, RoomsEach = 20, Exchanges = 1;
    private const int AtOnce = 8;
    /// <summary>Longer than the distance of two heartbeats.</summary>
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(20);

    private static readonly Goal Peak = new($"{People * RoomsEach:N0} idle followers: peak memory (RSS)", "MB", AtMost: 300, Digits: 0);

    public override string Name => "idle-followers";
    public override IReadOnlyList<Goal> Goals => [Peak];
    public override TimeSpan Limit => TimeSpan.FromMinutes(5);

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        var (data, rooms) = await bench.SeedAsync(async seed =>
        {
            var seeded = new List<Room>();
            for (var n = 0; n < People; n++) seeded.AddRange(await seed.RoomsAsync(await seed.PersonAsync(), RoomsEach, Exchanges));
            return seeded;
        });
        var (held, processor) = (new List<Memory>(), new List<double>());
        // Each run with a server of its own: memory that was taken for one crowd is kept for the next.
        for (var n = 1; n <= bench.Runs; n++)
        {
            Workbench.Say($"{Name}: run {n} of {bench.Runs}");
            await using var site = await bench.StartAsync(data);
            var peak = await site.Meter.PeakDuringAsync(async () =>
            {
                var followers = await FollowAsync(site, rooms);
                var before = site.Meter.ProcessorSeconds;
                await Task.Delay(Hold);
                processor.Add(site.Meter.ProcessorSeconds - before);
                held.Add(site.Meter.Memory);
                followers.ForEach(f => f.Dispose());
            });
            readings.Add(Peak, peak.PeakMB);
        }
        readings.Notes.Add($"{People} people with {RoomsEach} streams each, every page loaded first; held for {Hold.TotalSeconds:N0} s: then {held.Select(m => m.ResidentMB).Median():N0} MB resident, "
            + $"{held.Select(m => m.AnonymousMB).Median():N0} MB of it heaps and stacks, {processor.Median():N2} s of processor time in that while. No warm-up: a new server each run.");
    }

    private static async Task<List<Follower>> FollowAsync(Site site, IReadOnlyList<Room> rooms)
    {
        var followers = new List<Follower>();
        await Parallel.ForEachAsync(rooms, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (room, _) =>
        {
            using var visit = await Visit.OpenAsync(site, room);
            var follower = visit.Follow();
            await follower.Connected;
            lock (followers) followers.Add(follower);
        });
        return followers;
    }
}
