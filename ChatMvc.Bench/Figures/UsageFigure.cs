using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Figures;

/// <summary>The usage page of one person with a million answers in the present month, and the list of their 10,000 chats.</summary>
internal sealed class UsageFigure : Figure
{
    private const int Answers = 1_000_000, Chats = 10_000;
    private const int LastPage = 50;

    private static readonly Goal Page = new("usage page over 1,000,000 messages of one person and month", "ms", AtMost: 200);
    private static readonly Goal First = new("chat list with 10,000 chats, the first page of it", "ms");
    private static readonly Goal Last = new("… the last", "ms");

    public override string Name => "usage";
    public override IReadOnlyList<Goal> Goals => [Page, First, Last];
    public override TimeSpan Limit => TimeSpan.FromMinutes(6);

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        Workbench.Say($"{Name}: filling the books");
        var (data, (owner, oldest)) = await bench.SeedAsync(async seed =>
        {
            var owner = await seed.PersonAsync();
            await seed.RoomsAsync(owner, LastPage, 0);
            var oldest = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            var newer = await seed.RoomsAsync(owner, Chats - LastPage, 0);
            await seed.UsageAsync(owner, Answers);
            return (owner, $"{oldest}-{newer[0].Key}");
        });
        await using var site = await bench.StartAsync(data);
        var pages = new[] { "/usage", "/chats", $"/chats?before={oldest}" };
        await bench.RunAsync(Name, () => PageLoads.MediansAsync(site, owner, pages), async () =>
        {
            var times = await PageLoads.MediansAsync(site, owner, pages);
            readings.Add(Page, times[0]);
            readings.Add(First, times[1]);
            readings.Add(Last, times[2]);
        });
        readings.Notes.Add($"medians of {PageLoads.Rounds} loads by turns; the million answers lie in {Chats:N0} chats and three models.");
    }
}
