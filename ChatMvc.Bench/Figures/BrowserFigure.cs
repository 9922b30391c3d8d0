using ChatMvc.Bench.Browsers;
using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;
using ChatMvc.Tests.Browsers;
using Microsoft.Playwright;

namespace ChatMvc.Bench.Figures;

/// <summary>
/// A person at Chromium in a room: from the Enter key to the request's arrival upstream, and from the upstream's first
/// token to its text in the page.
/// </summary>
internal sealed class BrowserFigure : Figure
{
    private const int Sends = 50, Exchanges = 5;
    private const int Tokens = 3, Delay = 10, First = 100;

    private static readonly Goal Enter = new("in Chromium: Enter → upstream request, median", "ms", AtMost: 20, Peers: "30; 11");
    private static readonly Goal Token = new("in Chromium: upstream's first token → on the page, median", "ms", AtMost: 20, Peers: "32");

    // The answer of the last article, the first time that it holds the first word; and the frame that paints it.
    private const string Script = """
        (() => {
          const seen = window.bench = { enter: 0, last: '', shown: 0, painted: 0 };
          addEventListener('keydown', (event) => { if (event.key === 'Enter') seen.enter = event.timeStamp; }, true);
          new MutationObserver(() => {
            const now = performance.now();
            const answers = document.querySelectorAll('article.message[data-role=assistant]');
            const last = answers[answers.length - 1];
            if (!last || last.id === seen.last || !last.querySelector('.message-body')?.textContent.includes('zq.000')) return;
            Object.assign(seen, { last: last.id, shown: now, painted: 0 });
            requestAnimationFrame(() => { seen.painted = performance.now(); });
          }).observe(document, { childList: true, subtree: true, characterData: true });
        })();
        """;

    // Milliseconds between looks: seldom enough not to be in the way.
    private static readonly PageWaitForFunctionOptions Seldom = new() { PollingInterval = 30 };
    private const string IsDone = "last => bench.last !== last && bench.painted && document.getElementById(bench.last)?.dataset.state === 'done'";

    public override string Name => "browser";
    public override IReadOnlyList<Goal> Goals => [Enter, Token];
    public override TimeSpan Limit => TimeSpan.FromMinutes(4);

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        // A room for each round, so that each begins with the same page.
        var (data, rooms) = await bench.SeedAsync(async seed => await seed.RoomsAsync(await seed.PersonAsync(), bench.Runs + 1, Exchanges));
        await using var site = await bench.StartAsync(data);
        var chromium = new Chromium();
        await chromium.InitializeAsync();
        try
        {
            var (round, painted, errors) = (0, new List<double>(), new List<double>());
            await bench.RunAsync(Name, () => SendAsync(bench, chromium, site, rooms[round++]), async () =>
            {
                var sent = await SendAsync(bench, chromium, site, rooms[round++]);
                readings.Add(Enter, sent.Select(s => s.Enter).Median());
                readings.Add(Token, sent.Select(s => s.Shown).Median());
                painted.Add(sent.Select(s => s.Painted).Median());
                errors.Add(sent.Max(s => s.Error));
            });
            readings.Notes.Add($"{Sends} sends a run; Chromium {chromium.Browser.Version}, headless, the room open and followed by its own scripts; Enter is the keydown event's timeStamp, on the page is the MutationObserver's call; "
                + $"the frame that paints it begins {painted.Median():N1} ms after the token (median). The page's clock is known to ±{errors.Max():N2} ms ({string.Join(", ", errors.Select(e => $"{e:N2}"))} by run).");
        }
        finally
        {
            await chromium.DisposeAsync();
        }
    }

    private static async Task<List<Sent>> SendAsync(Workbench bench, Chromium chromium, Site site, Room room)
    {
        await using var tab = await Tab.OpenAsync(chromium, site, room.Owner, Script);
        var page = tab.Page;
        await page.GotoAsync(room.Path);
        var clock = await tab.CompareClocksAsync();
        var seen = new List<(Wish Wish, Seen Seen)>();
        var last = "";
        for (var n = 0; n < Sends; n++)
        {
            var wish = Wish.New(Tokens, Delay, First);
            await page.Locator("form#compose textarea[name=text]").FillAsync(wish.Question);
            await page.Keyboard.PressAsync("Enter");
            await bench.StandIn.HasFinishedAsync(wish);
            await page.WaitForFunctionAsync(IsDone, last, Seldom);
            var (id, enter, shown, painted) = await ReadAsync(page);
            seen.Add((wish, new(enter, shown, painted)));
            last = id;
        }
        var after = await tab.CompareClocksAsync();
        var calls = await bench.StandIn.TakeCallsAsync([.. seen.Select(s => s.Wish)]);
        return seen.ConvertAll(s => new Sent(
            clock.Until(s.Seen.Enter, calls[s.Wish.Id].Arrived), clock.Since(calls[s.Wish.Id].Written[0], s.Seen.Shown),
            clock.Since(calls[s.Wish.Id].Written[0], s.Seen.Painted), clock.Error + Math.Abs(after.Offset - clock.Offset)));
    }

    private static async Task<(string Last, double Enter, double Shown, double Painted)> ReadAsync(IPage page)
    {
        var bench = await page.EvaluateAsync<System.Text.Json.JsonElement>("bench");
        return (bench.GetProperty("last").GetString()!, bench.GetProperty("enter").GetDouble(), bench.GetProperty("shown").GetDouble(), bench.GetProperty("painted").GetDouble());
    }

    private readonly record struct Seen(double Enter, double Shown, double Painted);

    private readonly record struct Sent(double Enter, double Shown, double Painted, double Error);
}
