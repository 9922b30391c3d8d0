using System.Text;
using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Figures;

/// <summary>The chatroom with its newest 50 messages, as fast as 8 connections can ask for it, and the same bytes as a constant of the same process.</summary>
internal sealed class PageFigure : Figure
{
    private const int Connections = 8, Exchanges = 40;
    private const int Ok = 200;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    private static readonly Goal Rate = new($"chatroom with its newest 50 messages, {Connections} connections: pages a second", "/s", AtLeast: 1_500, Peers: "16 rendered (200 messages); 229 as JSON", Digits: 0);
    private static readonly Goal Ratio = new("… over the same bytes as a constant", "", AtLeast: 0.3, Digits: 3);

    private static readonly Goal InsideRatio = new("… over that constant behind the app's middleware, session looked up", "", Digits: 3);

    public override string Name => "page";
    public override IReadOnlyList<Goal> Goals => [Rate, Ratio, InsideRatio];

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        var (data, room) = await bench.SeedAsync(async seed => await seed.RoomAsync(await seed.PersonAsync(), Exchanges));
        var constant = Path.Combine(bench.NewFolder(), "page.html");
        await using var site = await bench.StartAsync(data, ConstantPage.Served(constant));
        using var visit = await Visit.OpenAsync(site, room);
        var page = visit.Page();
        var body = await BodyAsync(site, page);
        await File.WriteAllBytesAsync(constant, body);
        var same = Requests.Get(site.Port, ConstantPage.Path);
        var inside = Requests.Get(site.Port, ConstantPage.InsidePath, room.Owner.SessionCookie);
        var (constants, insides) = (new List<double>(), new List<double>());
        await bench.RunAsync(Name, async () =>
        {
            await HammerAsync(site, page, body.Length);
            await HammerAsync(site, same, body.Length);
            await HammerAsync(site, inside, body.Length);
        }, async () =>
        {
            var rate = await HammerAsync(site, page, body.Length);
            constants.Add(await HammerAsync(site, same, body.Length));
            insides.Add(await HammerAsync(site, inside, body.Length));
            readings.Add(Rate, rate);
            readings.Add(Ratio, rate / constants[^1]);
            readings.Add(InsideRatio, rate / insides[^1]);
        });
        readings.Notes.Add($"{body.Length:N0} bytes a page, asked for without Accept-Encoding and so uncompressed, each read to its end and checked; {Length.TotalSeconds:N0} s a run; "
            + $"the constant {constants.Median():N0}/s ({constants.Min():N0}–{constants.Max():N0}), answered before all middleware of the app; behind it {insides.Median():N0}/s ({insides.Min():N0}–{insides.Max():N0}).");
    }

    private static async Task<byte[]> BodyAsync(Site site, byte[] page)
    {
        using var line = HttpLine.Open(site.Port);
        return (await line.SendAsync(page)).Body.ToArray();
    }

    // A thread for each connection: with blocking calls the driver takes the least of the machine.
    private static async Task<double> HammerAsync(Site site, byte[] request, int bytes)
    {
        var until = Clock.Now + Clock.Ticks(Length.TotalMilliseconds);
        var began = Clock.Now;
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Factory.StartNew(
            () => Ask(site.Port, request, bytes, until), TaskCreationOptions.LongRunning)));
        return counts.Sum() * 1_000 / Clock.Milliseconds(began, Clock.Now);
    }

    private static int Ask(int port, byte[] request, int bytes, long until)
    {
        using var line = HttpLine.Open(port);
        var count = 0;
        for (; Clock.Now < until; count++)
        {
            var reply = line.Send(request);
            // Nonces and tokens differ from page to page, not in length.
            if (reply.Status != Ok || reply.Body.Length != bytes || !reply.Body.TrimEnd("\r\n"u8).EndsWith("</html>"u8))
                throw new InvalidOperationException($"Not the page (status {reply.Status}, {reply.Body.Length} bytes in place of {bytes}):\n{Encoding.UTF8.GetString(reply.Body)}");
        }
        return count;
    }
}
