using System.Text;
using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Figures;

/// <summary>Searches of one person with 100,000 messages among 300,000, for words as rare and as common as those of a language.</summary>
internal sealed class SearchFigure : Figure
{
    private const int Hers = 100_000, Others = 20, EachOthers = 10_000, MessagesPerChat = 50;
    private const int Searches = 400;

    private static readonly Goal Typical = new($"search over {Hers:N0} messages of one person, p95", "ms", AtMost: 50);
    private static readonly Goal Half = new("… median", "ms");
    private static readonly Goal Worst = new("… the slowest", "ms");

    public override string Name => "search";
    public override IReadOnlyList<Goal> Goals => [Typical, Half, Worst];
    public override TimeSpan Limit => TimeSpan.FromMinutes(8);

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        Workbench.Say($"{Name}: filling the chats");
        var (data, owner) = await bench.SeedAsync(async seed =>
        {
            var owner = await seed.PersonAsync();
            var people = new List<Person> { owner };
            for (var n = 0; n < Others; n++) people.Add(await seed.PersonAsync());
            // By turns, as they come: nobody's messages lie together.
            for (var round = 0; round < EachOthers / MessagesPerChat; round++)
            {
                foreach (var person in people)
                    await seed.TalkAsync(person, person == owner ? Hers / (EachOthers / MessagesPerChat) : MessagesPerChat, Vocabulary.Text);
            }
            return owner;
        });
        await using var site = await bench.StartAsync(data);
        var found = 0;
        await bench.RunAsync(Name, () => SearchAsync(site, owner), async () =>
        {
            var (times, hits) = await SearchAsync(site, owner);
            readings.Add(Typical, times.Percentile(95));
            readings.Add(Half, times.Median());
            readings.Add(Worst, times.Max());
            found = hits;
        });
        readings.Notes.Add($"{Searches} searches a run, one at a time, each a whole page over HTTP: one to three words of {Vocabulary.Size:N0} as they occur, phrases, beginnings, exclusions, days; {found} of them found something.");
    }

    private static async Task<(List<double> Times, int Found)> SearchAsync(Site site, Person owner)
    {
        using var line = HttpLine.Open(site.Port);
        var (random, times, found) = (new Random(1), new List<double>(), 0);
        for (var n = 0; n < Searches; n++)
        {
            var path = $"/history?q={Uri.EscapeDataString(Typed(random))}{(n % 10 == 0 ? "&from=2026-01-01" : n % 10 == 1 ? "&role=user" : "")}";
            var began = Clock.Now;
            var reply = await line.SendAsync(Requests.Get(site.Port, path, owner.SessionCookie));
            times.Add(Clock.Milliseconds(began, Clock.Now));
            if (reply.Status != 200) throw new InvalidOperationException($"{path} gave {reply.Status}:\n{Encoding.UTF8.GetString(reply.Body)}");
            if (Encoding.UTF8.GetString(reply.Body).Contains("class=\"hit\"", StringComparison.Ordinal)) found++;
        }
        return (times, found);
    }

    private static string Typed(Random random) => random.Next(8) switch
    {
        0 => $"\"{Vocabulary.Word(random)} {Vocabulary.Word(random)}\"",
        1 => $"{Vocabulary.Word(random)} -{Vocabulary.Word(random)}",
        2 => $"{Vocabulary.Word(random)}*",
        3 => Vocabulary.Word(0),
        4 => $"{Vocabulary.Word(random)} {Vocabulary.Word(random)} {Vocabulary.Word(random)}",
        5 => $"{Vocabulary.Word(random)} {Vocabulary.Word(random)}",
        _ => Vocabulary.Word(random),
    };
}
