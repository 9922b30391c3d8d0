using ChatMvc.Bench.Browsers;
using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;
using ChatMvc.Tests.Browsers;
using Microsoft.Playwright;

namespace ChatMvc.Bench.Figures;

/// <summary>The chatroom opened in Chromium for the first time: bytes on the wire and requests.</summary>
internal sealed class ColdLoadFigure : Figure
{
    private const double Kilo = 1_000;
    /// <summary>After the load event: the stream opens, and whatever comes late.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    private static readonly Goal Bytes = new("cold first load of the chatroom: bytes", "KB", AtMost: 60, Peers: "324");
    private static readonly Goal Requests = new("… requests", "", AtMost: 8, Peers: "58", Digits: 0);
    private static readonly Goal Assets = new("… script and style", "KB", AtMost: 30);
    private static readonly Goal Fifty = new("… bytes with 50 messages in it", "KB");

    public override string Name => "cold-load";
    public override IReadOnlyList<Goal> Goals => [Bytes, Requests, Assets, Fifty];

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        var (data, (small, full)) = await bench.SeedAsync(async seed =>
        {
            var owner = await seed.PersonAsync();
            return (await seed.RoomAsync(owner, 1), await seed.RoomAsync(owner, 25));
        });
        await using var site = await bench.StartAsync(data);
        var chromium = new Chromium();
        await chromium.InitializeAsync();
        try
        {
            IReadOnlyList<Traffic.Request> loaded = [];
            await bench.RunAsync(Name, () => LoadAsync(chromium, site, small), async () =>
            {
                loaded = await LoadAsync(chromium, site, small);
                readings.Add(Bytes, loaded.Sum(r => r.Bytes) / Kilo);
                readings.Add(Requests, loaded.Count);
                readings.Add(Assets, loaded.Where(r => r.IsScriptOrStyle).Sum(r => r.Bytes) / Kilo);
                readings.Add(Fifty, (await LoadAsync(chromium, site, full)).Sum(r => r.Bytes) / Kilo);
            });
            readings.Notes.Add("a room of one exchange, an answer of about 150 words; KB are 10^3, with headers, as Chromium counts them, compressed where the server does so: "
                + string.Join(", ", loaded.Select(r => $"{(r.Type.Length > 0 ? r.Type : "unanswered")} {r.Bytes / Kilo:N1}")) + ".");
        }
        finally
        {
            await chromium.DisposeAsync();
        }
    }

    private static async Task<IReadOnlyList<Traffic.Request>> LoadAsync(Chromium chromium, Site site, Room room)
    {
        await using var tab = await Tab.OpenAsync(chromium, site, room.Owner);
        var traffic = await Traffic.CountAsync(tab);
        await tab.Page.GotoAsync(room.Path, new() { WaitUntil = WaitUntilState.Load });
        await Task.Delay(Quiet);
        return traffic.Requests;
    }
}
