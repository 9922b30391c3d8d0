using System.Net.Sockets;
using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Figures;

/// <summary>A restart in the middle of 500 answers that 500 browsers follow: from SIGTERM to the end of the process, from the next start to the last browser's whole answer.</summary>
internal sealed class RestartFigure : Figure
{
    private const int People = 500, Exchanges = 2, Tokens = 600, Delay = 50;
    /// <summary>What a page waits before it opens its stream again.</summary>
    private static readonly TimeSpan Reconnect = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly Goal Stop = new("SIGTERM → exit with 500 open streams and answers", "s", AtMost: 10, Digits: 2);
    private static readonly Goal Ready = new("the next start → ready (/readyz), 500 browsers coming back", "s", AtMost: 5, Digits: 2);
    private static readonly Goal Back = new("… → the last of 500 streams is open again", "s", Digits: 2);
    private static readonly Goal Whole = new("… whole answers in the end", "", AtLeast: People, Digits: 0);

    public override string Name => "restart";
    public override IReadOnlyList<Goal> Goals => [Stop, Ready, Back, Whole];
    public override TimeSpan Limit => TimeSpan.FromMinutes(8);

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        var (data, rooms) = await bench.SeedAsync(async seed =>
        {
            var seeded = new List<Room>();
            for (var n = 0; n < People; n++) seeded.Add(await seed.RoomAsync(await seed.PersonAsync(), Exchanges));
            return seeded;
        });
        for (var n = 1; n <= bench.Runs; n++)
        {
            Workbench.Say($"{Name}: run {n} of {bench.Runs}");
            await RestartAsync(bench, data, rooms, readings);
        }
        readings.Notes.Add($"{People} people, a room each, an answer of {Tokens} tokens at {Delay} ms each, stopped after about two seconds of it; a browser opens its stream again every {Reconnect.TotalSeconds:N0} s until it has it. No warm-up: a new server each run.");
    }

    private static async Task RestartAsync(Workbench bench, string data, IReadOnlyList<Room> rooms, Readings readings)
    {
        var wishes = rooms.Select(_ => Wish.New(Tokens, Delay, Delay)).ToList();
        var visits = new List<Visit>();
        await using (var first = await bench.StartAsync(data))
        {
            foreach (var room in rooms) visits.Add(await Visit.OpenAsync(first, room));
            var followers = visits.ConvertAll(v => v.Follow());
            await Task.WhenAll(followers.Select(f => f.Connected));
            await Task.WhenAll(visits.Zip(wishes, (visit, wish) => visit.PostAsync(visit.Form(wish))));
            await Task.Delay(TimeSpan.FromSeconds(2));
            readings.Add(Stop, await first.EndAsync() / 1_000);
            followers.ForEach(f => f.Dispose());
        }
        var began = Clock.Now;
        await using var second = bench.Begin(data);
        var back = visits.Zip(wishes, (visit, wish) => ComeBackAsync(visit, wish, second)).ToList();
        await second.AnswersAsync("/readyz");
        readings.Add(Ready, Clock.Milliseconds(began, Clock.Now) / 1_000);
        var open = await Task.WhenAll(back).WaitAsync(Patience);
        readings.Add(Back, Clock.Milliseconds(began, open.Max(o => o.Opened)) / 1_000);
        var seen = await Task.WhenAll(open.Select(o => o.Answer)).WaitAsync(Patience);
        readings.Add(Whole, seen.Count(s => s.IsWhole));
        foreach (var one in open) one.Follower.Dispose();
        visits.ForEach(v => v.Dispose());
    }

    private static async Task<(Follower Follower, Task<Followed> Answer, long Opened)> ComeBackAsync(Visit visit, Wish wish, Site site)
    {
        for (var until = Clock.Now + Clock.Ticks(Patience.TotalMilliseconds); ; await Task.Delay(Reconnect))
        {
            Follower? follower = null;
            try
            {
                follower = visit.FollowOn(site);
                var answer = follower.ExpectAsync(wish);
                await follower.Connected;
                return (follower, answer, Clock.Now);
            }
            // Nobody listens yet, or is not ready.
            catch (Exception e) when (e is SocketException or IOException && Clock.Now < until)
            {
                follower?.Dispose();
            }
        }
    }
}
