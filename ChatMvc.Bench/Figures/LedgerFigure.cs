using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Figures;

/// <summary>What a send costs that credit pays for, beside one on a server that sells nothing: two servers by turns.</summary>
internal sealed class LedgerFigure : Figure
{
    private const int Rooms = 10, Exchanges = 5, Sends = 100;
    private const int Tokens = 2, Delay = 5, First = 10;

    // Keys that are never used: nothing is bought here.
    private static readonly Dictionary<string, string> Selling = new()
    {
        ["Billing__Provider"] = "stripe",
        ["Stripe__SecretKey"] = "sk_test_bench",
        ["Stripe__WebhookSecret"] = "whsec_bench",
        ["Stripe__ProPriceId"] = "price_bench",
        ["Stripe__BaseUrl"] = "http://127.0.0.1:9",
        ["Limits__BasicMessages"] = "0",
    };

    private static readonly Goal Ratio = new("post → its 303: on credit over where nothing is sold", "", AtMost: 1.3, Digits: 2);

    public override string Name => "ledger";
    public override IReadOnlyList<Goal> Goals => [Ratio];

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        var (sold, paid) = await bench.SeedAsync(async seed => await seed.RoomsAsync(await seed.RichPersonAsync(), Rooms, Exchanges));
        var (given, free) = await bench.SeedAsync(async seed => await seed.RoomsAsync(await seed.PersonAsync(), Rooms, Exchanges));
        await using var selling = await bench.StartAsync(sold, Selling);
        await using var giving = await bench.StartAsync(given);
        var times = new List<string>();
        await bench.RunAsync(Name, () => SendAsync(bench, selling, paid, giving, free), async () =>
        {
            var (onCredit, forNothing) = await SendAsync(bench, selling, paid, giving, free);
            readings.Add(Ratio, onCredit / forNothing);
            times.Add($"{onCredit:N2} / {forNothing:N2}");
        });
        readings.Notes.Add($"a send on credit / where nothing is sold gets its 303 after {string.Join(", ", times)} ms by run (medians of {Sends} by turns, one at a time).");
    }

    private static async Task<(double OnCredit, double ForNothing)> SendAsync(Workbench bench, Site selling, IReadOnlyList<Room> paid, Site giving, IReadOnlyList<Room> free)
    {
        var (onCredit, forNothing) = (new List<double>(), new List<double>());
        for (var n = 0; n < Sends; n++)
        {
            onCredit.Add(await SendAsync(bench, selling, paid[n % Rooms]));
            forNothing.Add(await SendAsync(bench, giving, free[n % Rooms]));
        }
        return (onCredit.Median(), forNothing.Median());
    }

    private static async Task<double> SendAsync(Workbench bench, Site site, Room room)
    {
        using var visit = await Visit.OpenAsync(site, room);
        using var follower = visit.Follow();
        await follower.Connected;
        var wish = Wish.New(Tokens, Delay, First);
        var form = visit.Form(wish);
        var answer = follower.ExpectAsync(wish);
        // The page that was opened and the answer before it are over and done with.
        await Task.Delay(20);
        var (sent, accepted) = await visit.PostAsync(form);
        if (!(await answer).IsWhole) throw new InvalidOperationException($"Answer {wish.Id} was not whole.");
        await bench.StandIn.TakeCallsAsync([wish]);
        return Clock.Milliseconds(sent, accepted);
    }
}
