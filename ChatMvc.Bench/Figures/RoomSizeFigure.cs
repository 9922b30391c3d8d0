using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Figures;

/// <summary>Whether a long room is as quick as a short one: sending in rooms of 10, 1,000 and 10,000 messages by turns, and opening them.</summary>
internal sealed class RoomSizeFigure : Figure
{
    private const int Sends = 100, WarmUpSends = 30, Opens = 100;
    private const int Tokens = 2, Delay = 5, First = 10;
    /// <summary>Messages, and how many rooms of that size take turns, so that they hardly grow.</summary>
    private static readonly (int Messages, int Rooms)[] Sizes = [(10, 100), (1_000, 4), (10_000, 1)];

    private static readonly Goal Time = new("post → its 303 in rooms of 10, 1,000, 10,000 messages: slowest over quickest median", "", AtMost: 1.2, Digits: 2);
    private static readonly Goal Bytes = new("… bytes written to chat.db: most over least", "", AtMost: 1.2, Digits: 2);
    private static readonly Goal OverEmpty = new("a room of 10,000 messages opens: time over that of an empty room", "", AtMost: 1.5, Digits: 2);
    private static readonly Goal OverFifty = new("… over that of a room of 50", "", Digits: 2);

    public override string Name => "rooms";
    public override IReadOnlyList<Goal> Goals => [Time, Bytes, OverEmpty, OverFifty];
    public override TimeSpan Limit => TimeSpan.FromMinutes(5);

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        Workbench.Say($"{Name}: filling rooms");
        var (data, (rooms, empty, fifty)) = await bench.SeedAsync(async seed =>
        {
            var owner = await seed.PersonAsync();
            var filled = new List<IReadOnlyList<Room>>();
            foreach (var (messages, count) in Sizes) filled.Add(await seed.RoomsAsync(owner, count, messages / 2));
            return (filled, await seed.RoomAsync(owner, 0), await seed.RoomAsync(owner, 25));
        });
        await using var site = await bench.StartAsync(data);
        var log = new WriteAheadLog(Path.Combine(data, "chat.db"));
        var (opens, sends) = (new List<string>(), new List<string>());
        // Before the sends: these rooms have the size they are named after.
        await bench.RunAsync($"{Name}, opening", () => OpenAsync(site, [empty, fifty, rooms[^1][0]], Opens), async () =>
        {
            var opened = await OpenAsync(site, [empty, fifty, rooms[^1][0]], Opens);
            readings.Add(OverEmpty, opened[2] / opened[0]);
            readings.Add(OverFifty, opened[2] / opened[1]);
            opens.Add($"{opened[0]:N2} / {opened[1]:N2} / {opened[2]:N2}");
        });
        readings.Notes.Add($"opening a room of 0 / 50 / 10,000 messages takes {string.Join(", ", opens)} ms by run (medians of {Opens} by turns; the empty one renders no message, the others 50).");
        var sent = 0;
        await bench.RunAsync($"{Name}, sending", () => SendAsync(bench, site, log, rooms, WarmUpSends, 0), async () =>
        {
            var bySize = await SendAsync(bench, site, log, rooms, Sends, sent++);
            var times = bySize.ConvertAll(s => s.Select(x => x.Milliseconds).Median());
            var bytes = bySize.ConvertAll(s => s.Where(x => x.Bytes is not null).Select(x => (double)x.Bytes!.Value).Median());
            var whole = bySize.ConvertAll(s => s.Where(x => x.AllBytes is not null).Select(x => (double)x.AllBytes!.Value).Median());
            readings.Add(Time, times.Max() / times.Min());
            readings.Add(Bytes, bytes.Max() / bytes.Min());
            sends.Add($"303 after {string.Join(" / ", times.Select(t => $"{t:N2}"))} ms, {string.Join(" / ", bytes.Select(b => $"{b:N0}"))} bytes ({string.Join(" / ", whole.Select(b => $"{b:N0}"))} until the answer was done)");
        });
        readings.Notes.Add($"sending in rooms of 10 / 1,000 / 10,000 messages, medians by run: {string.Join("; ", sends)}.");
        readings.Notes.Add($"{Sends} sends a run and size, by turns, one at a time; bytes are the frames that the first transaction after the post left in chat.db-wal; a post during which the log began anew is not counted for bytes.");
    }

    private static async Task<List<double>> OpenAsync(Site site, IReadOnlyList<Room> rooms, int times)
    {
        using var line = HttpLine.Open(site.Port);
        var visits = new List<byte[]>();
        foreach (var room in rooms)
        {
            using var visit = await Visit.OpenAsync(site, room);
            visits.Add(visit.Page());
        }
        var took = rooms.Select(_ => new List<double>()).ToList();
        for (var n = 0; n < times; n++)
        {
            for (var room = 0; room < rooms.Count; room++)
            {
                var began = Clock.Now;
                var reply = await line.SendAsync(visits[room]);
                took[room].Add(Clock.Milliseconds(began, Clock.Now));
                if (reply.Status != 200) throw new InvalidOperationException($"{rooms[room].Path} gave {reply.Status}.");
            }
        }
        return took.ConvertAll(t => t.Median());
    }

    private static async Task<List<List<Sent>>> SendAsync(Workbench bench, Site site, WriteAheadLog log, List<IReadOnlyList<Room>> rooms, int sends, int round)
    {
        var results = rooms.ConvertAll(_ => new List<Sent>());
        for (var n = 0; n < sends; n++)
        {
            for (var size = 0; size < rooms.Count; size++)
            {
                var room = rooms[size][(n + round) % rooms[size].Count];
                results[size].Add(await SendAsync(bench, site, log, room));
            }
        }
        return results;
    }

    private static async Task<Sent> SendAsync(Workbench bench, Site site, WriteAheadLog log, Room room)
    {
        using var visit = await Visit.OpenAsync(site, room);
        using var follower = visit.Follow();
        await follower.Connected;
        var wish = Wish.New(Tokens, Delay, First);
        var form = visit.Form(wish);
        var answer = follower.ExpectAsync(wish);
        // The page that was opened and the answer before it are over and done with.
        await Task.Delay(20);
        var before = log.End();
        var (sent, accepted) = await visit.PostAsync(form);
        if (!(await answer).IsWhole) throw new InvalidOperationException($"Answer {wish.Id} was not whole.");
        var transactions = log.Transactions(before, log.End());
        await bench.StandIn.TakeCallsAsync([wish]);
        return new(Clock.Milliseconds(sent, accepted), transactions?.FirstOrDefault(), transactions?.Sum());
    }

    private readonly record struct Sent(double Milliseconds, long? Bytes, long? AllBytes);
}
