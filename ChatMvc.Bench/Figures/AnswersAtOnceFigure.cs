using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Figures;

/// <summary>Many people send at once, each in a room of their own that they follow to the end of the answer.</summary>
internal sealed class AnswersAtOnceFigure : Figure
{
    public static readonly AnswersAtOnceFigure Hundred = new("hundred", people: 100, tokens: 50, delay: 20)
    {
        Processor = new("100 answers of 50 tokens at 20 ms at once: processor time", "s", AtMost: 0.8, Peers: "1.85; 1.15 storing nothing", Digits: 2),
        Peak = new("… peak memory (RSS)", "MB", AtMost: 150, Peers: "323; 181 storing nothing", Digits: 0),
    };
    public static readonly AnswersAtOnceFigure FiveHundred = new("five-hundred", people: 500, tokens: 100, delay: 50)
    {
        Late = new("500 answers of 100 tokens at 50 ms at once: token delay, p95", "ms", AtMost: 250),
        Peak = new("… peak memory (RSS)", "MB", AtMost: 300, Digits: 0),
    };

    private const int Exchanges = 2;
    private const double Patience = 60_000;
    private readonly string name;
    private readonly int people, tokens, delay;
    private readonly Goal whole;

    private AnswersAtOnceFigure(string name, int people, int tokens, int delay)
    {
        (this.name, this.people, this.tokens, this.delay) = (name, people, tokens, delay);
        whole = new("… whole answers", "", AtLeast: people, Digits: 0);
    }

    private Goal? Processor { get; init; }
    private Goal? Late { get; init; }
    private Goal Peak { get; init; } = null!;

    public override string Name => name;
    public override IReadOnlyList<Goal> Goals => [.. new[] { Processor, Late }.OfType<Goal>(), Peak, whole];

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        var (data, rooms) = await bench.SeedAsync(async seed =>
        {
            var seeded = new List<Room>();
            for (var n = 0; n < people; n++) seeded.Add(await seed.RoomAsync(await seed.PersonAsync(), Exchanges));
            return seeded;
        });
        await using var site = await bench.StartAsync(data);
        var open = new List<(Visit Visit, Follower Follower)>();
        foreach (var room in rooms)
        {
            var visit = await Visit.OpenAsync(site, room);
            open.Add((visit, visit.Follow()));
        }
        await Task.WhenAll(open.Select(o => o.Follower.Connected));
        var rounds = new List<Round>();
        await bench.RunAsync(Name, () => AskAllAsync(bench, site, open), async () =>
        {
            var round = await AskAllAsync(bench, site, open);
            rounds.Add(round);
            readings.Add(whole, round.Whole);
            readings.Add(Peak, round.Peak.PeakMB);
            if (Processor is not null) readings.Add(Processor, round.Processor);
            if (Late is not null) readings.Add(Late, round.Delays.Percentile(95));
        });
        readings.Notes.Add($"{people} people, a room of {2 * Exchanges} messages each; MB are 10^6. By run: processor time {Each(r => $"{r.Processor:N2}")} s; token delay median {Each(r => $"{r.Delays.Median():N0}")}, "
            + $"p95 {Each(r => $"{r.Delays.Percentile(95):N0}")}, longest {Each(r => $"{r.Delays.Max():N0}")} ms; first post to last done {Each(r => $"{r.Took / 1_000:N1}")} s; "
            + $"heaps and stacks (RssAnon) at the peak {Each(r => $"{r.Peak.AnonymousMB:N0}")} MB; upstream requests {Each(r => $"{r.Requests}")}.");
        string Each(Func<Round, string> words) => string.Join(" / ", rounds.Select(words));
        foreach (var (visit, follower) in open)
        {
            follower.Dispose();
            visit.Dispose();
        }
    }

    private async Task<Round> AskAllAsync(Workbench bench, Site site, List<(Visit Visit, Follower Follower)> open)
    {
        var wishes = open.Select(_ => Wish.New(tokens, delay, delay)).ToList();
        var forms = open.Zip(wishes, (o, wish) => o.Visit.Form(wish)).ToList();
        Followed[] seen = [];
        double processor = 0, took = 0;
        var peak = await site.Meter.PeakDuringAsync(async () =>
        {
            var (before, began) = (site.Meter.ProcessorSeconds, Clock.Now);
            var answers = open.Zip(wishes, (o, wish) => o.Follower.ExpectAsync(wish)).ToList();
            await Task.WhenAll(open.Zip(forms, (o, form) => o.Visit.PostAsync(form)));
            seen = await Task.WhenAll(answers).WaitAsync(TimeSpan.FromMilliseconds(Patience));
            processor = site.Meter.ProcessorSeconds - before;
            took = Clock.Milliseconds(began, Clock.Now);
        });
        var calls = await bench.StandIn.TakeCallsAsync(wishes);
        var delays = wishes.Zip(seen).SelectMany(s => calls[s.First.Id].Written.Zip(s.Second.Received, Clock.Milliseconds)).ToList();
        return new Round(seen.Count(s => s.IsWhole), processor, peak, delays, calls.Values.Sum(c => c.Requests), took);
    }

    private sealed record Round(int Whole, double Processor, Memory Peak, List<double> Delays, int Requests, double Took);
}
