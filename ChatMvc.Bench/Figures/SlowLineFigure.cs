using System.Text.Json;
using ChatMvc.Bench.Browsers;
using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;
using ChatMvc.Tests.Browsers;

namespace ChatMvc.Bench.Figures;

/// <summary>A phone on a slow line opens the app for the first time that day, signed in, and sends its first message as soon as there is a box.</summary>
internal sealed class SlowLineFigure : Figure
{
    private const int LoadsPerRun = 3;
    private const int BitsPerByte = 8;
    private const double Down = 1_600_000, Up = 750_000;
    private const int Latency = 150, Slowdown = 4;
    private const int Tokens = 2, Delay = 5, First = 10;

    private static readonly Goal Accepted = new("on a slow line: cold GET /chats → first message accepted", "s", AtMost: 1.2, Peers: "2.9", Digits: 2);
    private static readonly Goal Answered = new("… → its answer (303) back in the browser", "s", Digits: 2);

    public override string Name => "slow-line";
    public override IReadOnlyList<Goal> Goals => [Accepted, Answered];

    // As soon as the form is complete and has been painted; no person is as quick.
    private static string Script(Wish wish) => $$"""
        (() => {
          if (location.pathname !== '/chats') return;
          const times = window.bench = { form: 0, painted: 0 };
          let sent = false;
          function send() {
            const form = document.querySelector('form#compose');
            const button = form?.querySelector('[type=submit]');
            if (button && !times.form) times.form = performance.now();
            if (!button || !times.painted || sent) return;
            sent = true;
            const box = form.querySelector('textarea[name=text]');
            box.focus();
            box.value = {{JsonSerializer.Serialize(wish.Question)}};
            box.dispatchEvent(new Event('input', { bubbles: true }));
            form.requestSubmit(button);
          }
          new MutationObserver(send).observe(document, { childList: true, subtree: true });
          new PerformanceObserver((list) => {
            const paint = list.getEntriesByName('first-contentful-paint')[0];
            if (paint) times.painted = paint.startTime;
            send();
          }).observe({ type: 'paint', buffered: true });
        })();
        """;

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        var (data, owner) = await bench.SeedAsync(async seed =>
        {
            var owner = await seed.PersonAsync();
            await seed.RoomsAsync(owner, 20, 1);
            return owner;
        });
        await using var site = await bench.StartAsync(data);
        var chromium = new Chromium();
        await chromium.InitializeAsync();
        try
        {
            var sent = new List<double>();
            await bench.RunAsync(Name, () => LoadAsync(bench, chromium, site, owner), async () =>
            {
                var loads = new List<Load>();
                for (var n = 0; n < LoadsPerRun; n++) loads.Add(await LoadAsync(bench, chromium, site, owner));
                readings.Add(Accepted, loads.Select(l => l.Arrived).Median());
                readings.Add(Answered, loads.Select(l => l.Answered).Median());
                sent.Add(loads.Select(l => l.Sent).Median());
            });
            readings.Notes.Add($"{Down / 1e6:N1} Mbit/s down, {Up / 1e3:N0} kbit/s up, {Latency} ms, processor at 1/{Slowdown}, a profile without caches; from before the navigation is asked of the browser to the request's arrival upstream, an upper bound of the commit; "
                + $"the form is filled and sent by a script once it is complete and painted: posted after {sent.Median():N2} s (median). Chromium puts the line's latency before each response, so what goes up arrives early; the row with the 303 has all of it.");
        }
        finally
        {
            await chromium.DisposeAsync();
        }
    }

    private static async Task<Load> LoadAsync(Workbench bench, Chromium chromium, Site site, Person owner)
    {
        var wish = Wish.New(Tokens, Delay, First);
        await using var tab = await Tab.OpenAsync(chromium, site, owner, Script(wish));
        var traffic = await Traffic.CountAsync(tab);
        await tab.Tools.SendAsync("Network.emulateNetworkConditions", new()
        {
            ["offline"] = false,
            ["latency"] = Latency,
            ["downloadThroughput"] = Down / BitsPerByte,
            ["uploadThroughput"] = Up / BitsPerByte,
        });
        await tab.Tools.SendAsync("Emulation.setCPUThrottlingRate", new() { ["rate"] = Slowdown });
        var began = Clock.Milliseconds(0, Clock.Now) / 1_000;
        // It is interrupted by the form that is sent.
        _ = tab.Page.GotoAsync("/chats").ContinueWith(t => _ = t.Exception, TaskScheduler.Default);
        await bench.StandIn.HasFinishedAsync(wish);
        await tab.Page.WaitForURLAsync("**/chats/*");
        var call = (await bench.StandIn.TakeCallsAsync([wish]))[wish.Id];
        var post = traffic.Requests.First(r => r.Method == "POST");
        return new(Clock.Milliseconds(0, call.Arrived) / 1_000 - began, post.Sent - began, post.Answered - began);
    }

    private readonly record struct Load(double Arrived, double Sent, double Answered);
}
