using System.Text.Json;
using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;
using ChatMvc.Tests.Browsers;
using Microsoft.Playwright;

namespace ChatMvc.Bench.Browsers;

/// <summary>A tab of a browser profile of its own, with nothing in its caches, in which somebody is signed in.</summary>
internal sealed class Tab : IAsyncDisposable
{
    private const float PatienceMs = 20_000;
    private const int RoundTrips = 60;

    private Tab(IPage page, ICDPSession tools) => (Page, Tools) = (page, tools);

    public IPage Page { get; }
    /// <summary>The browser's own developer tools.</summary>
    public ICDPSession Tools { get; }

    /// <param name="chromium">Running.</param>
    /// <param name="site">Where the person is signed in.</param>
    /// <param name="person">Who looks.</param>
    /// <param name="script">Runs in each page before anything of its own.</param>
    public static async Task<Tab> OpenAsync(Chromium chromium, Site site, Person person, string? script = null)
    {
        var context = await chromium.Browser.NewContextAsync(new() { BaseURL = site.Address.ToString(), ViewportSize = new() { Width = 1280, Height = 800 } });
        context.SetDefaultTimeout(PatienceMs);
        if (script is not null) await context.AddInitScriptAsync(script);
        var (name, value) = person.SessionCookie.Split('=', 2) is [var left, var right] ? (left, right) : throw new FormatException("Not a cookie.");
        await context.AddCookiesAsync([new() { Name = name, Value = value, Domain = site.Address.Host, Path = "/", HttpOnly = true }]);
        var page = await context.NewPageAsync();
        return new Tab(page, await context.NewCDPSessionAsync(page));
    }

    /// <summary>
    /// How the page's clock (<c>performance.now</c>) lies to ours: it was read between our asking and the answer, so of
    /// many such spans all hold the true distance, and so does what they have in common.
    /// </summary>
    public async Task<PageClock> CompareClocksAsync()
    {
        var (least, most) = (double.MinValue, double.MaxValue);
        for (var n = 0; n < RoundTrips; n++)
        {
            var asked = Clock.Now;
            var answer = await Tools.SendAsync("Runtime.evaluate", new() { ["expression"] = "performance.now()" });
            var answered = Clock.Now;
            var page = answer!.Value.GetProperty("result").GetProperty("value").GetDouble();
            least = Math.Max(least, Clock.Milliseconds(0, asked) - page);
            most = Math.Min(most, Clock.Milliseconds(0, answered) - page);
        }
        return new PageClock((least + most) / 2, Math.Abs(most - least) / 2);
    }

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}

/// <param name="Offset">Milliseconds of ours at the page's zero.</param>
/// <param name="Error">Milliseconds by which it may be wrong, either way.</param>
internal readonly record struct PageClock(double Offset, double Error)
{
    /// <summary>Milliseconds from a moment of the page to one of ours.</summary>
    public double Until(double page, long ours) => Clock.Milliseconds(0, ours) - (page + Offset);

    /// <summary>Milliseconds from one of ours to a moment of the page.</summary>
    public double Since(long ours, double page) => page + Offset - Clock.Milliseconds(0, ours);
}
