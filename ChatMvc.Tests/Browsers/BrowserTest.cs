using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace ChatMvc.Tests.Browsers;

/// <summary>
/// A claim about the app as it is in a browser. Whatever the browser complains of on any page (an error in a script or in
/// the console, a violation of the content security policy) fails the test at its end, unless it was expected by name.
/// </summary>
[Collection(InABrowser.Name)]
public abstract class BrowserTest(Chromium chromium) : IAsyncLifetime
{
    protected static readonly ViewportSize Phone = new() { Width = 390, Height = 844 };
    protected static readonly ViewportSize Desk = new() { Width = 1280, Height = 800 };
    private const float PatienceMs = 20_000;

    private const string ReportViolations = "addEventListener('securitypolicyviolation', e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`), true)";

    private readonly ConcurrentQueue<string> complaints = new();
    private readonly List<string> expected = [];
    private readonly List<IBrowserContext> contexts = [];
    private TestApp? app;

    /// <summary>As for <see cref="TestApp.StartAsync"/>.</summary>
    protected virtual string[] Settings => [];

    protected TestApp App => app ?? throw new InvalidOperationException("The app was not started.");

    public async Task InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(PatienceMs);
        app = await TestApp.StartAsync(Settings);
    }

    public async Task DisposeAsync()
    {
        foreach (var context in contexts) await context.CloseAsync();
        await App.DisposeAsync();
        Assert.DoesNotContain(complaints, c => !expected.Exists(e => c.Contains(e, StringComparison.Ordinal)));
    }

    /// <summary>Says that the browser is going to complain of this, and may.</summary>
    protected void MayComplain(string complaint) => expected.Add(complaint);

    /// <summary>A tab of somebody who is not signed in.</summary>
    protected async Task<IPage> StrangerAsync(
        ViewportSize? viewport = null, bool scripts = true, ColorScheme scheme = ColorScheme.Light, ForcedColors forced = ForcedColors.None)
    {
        var isPhone = viewport == Phone;
        var context = await chromium.Browser.NewContextAsync(new()
        {
            BaseURL = App.Address.ToString(),
            ViewportSize = viewport ?? Desk,
            JavaScriptEnabled = scripts,
            ColorScheme = scheme,
            ForcedColors = forced,
            ReducedMotion = ReducedMotion.Reduce,
            IsMobile = isPhone,
            HasTouch = isPhone,
        });
        contexts.Add(context);
        context.SetDefaultTimeout(PatienceMs);
        if (scripts) await context.AddInitScriptAsync(ReportViolations);
        context.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") complaints.Enqueue($"{message.Type}: {message.Text}");
        };
        context.WebError += (_, error) => complaints.Enqueue($"script: {error.Error}");
        return await context.NewPageAsync();
    }

    /// <summary>A tab in which this person is signed in.</summary>
    protected async Task<IPage> SignedInAsync(
        string name, ViewportSize? viewport = null, bool scripts = true, ColorScheme scheme = ColorScheme.Light, ForcedColors forced = ForcedColors.None)
    {
        var page = await StrangerAsync(viewport, scripts, scheme, forced);
        using var visitor = await App.SignInAsAsync(name);
        await page.Context.AddCookiesAsync(visitor.Cookies.GetCookies(App.Address).Select(c => new Microsoft.Playwright.Cookie
        {
            Name = c.Name,
            Value = c.Value,
            Domain = App.Address.Host,
            Path = "/",
            HttpOnly = c.HttpOnly,
        }));
        return page;
    }

    /// <summary>The page, after going to the path where one is given, has nothing that axe knows to be wrong, in both themes.</summary>
    protected static async Task PassesAsync(IPage page, string? path = null)
    {
        if (path is not null) await page.GotoAsync(path);
        // The order of headings within an answer is its author's.
        var found = await page.RunAxe(new() { Rules = new() { ["heading-order"] = new() { Enabled = false } } });
        Assert.True(found.Violations.Length == 0, $"{page.Url}:\n{string.Join('\n', found.Violations.Select(Told))}");
        // The themes differ by their colours alone.
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        var dark = await page.EvaluateAsync<string[]>(
            "async () => (await axe.run({ runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } })).violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html} ${n.failureSummary}`))");
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        Assert.True(dark.Length == 0, $"{page.Url}, dark:\n{string.Join('\n', dark)}");
    }

    /// <summary>Nothing sticks out at the side of the page, after going to the path where one is given.</summary>
    protected static async Task FitsAsync(IPage page, string? path)
    {
        if (path is not null) await page.GotoAsync(path);
        var widths = await page.EvaluateAsync<double[]>("[document.documentElement.scrollWidth, innerWidth]");
        Assert.True(widths[0] <= widths[1], $"{page.Url} is {widths[0]} wide in a window of {widths[1]}.");
    }

    private static string Told(AxeResultItem violation) =>
        $"{violation.Id}: {violation.Help}\n  {string.Join("\n  ", violation.Nodes.Select(n => $"{n.Html} {string.Join("; ", n.Any.Select(a => a.Message))}"))}";

    /// <summary>Starts a chat with the keyboard and waits for its room.</summary>
    protected static async Task<IPage> AskAsync(IPage page, string text)
    {
        await page.GotoAsync("/chats");
        await page.Locator("#text").FillAsync(text);
        await page.Locator("#compose button").ClickAsync();
        await page.ArrivesAtAsync("**/chats/*");
        return page;
    }
}

/// <summary>What tests look for on a room's page.</summary>
public static partial class RoomPage
{
    private static readonly TimeSpan LoadPatience = TimeSpan.FromSeconds(20);

    extension(IPage page)
    {
        /// <summary>Waits for a page at this address, and until it is loaded.</summary>
        /// <param name="glob">As Playwright's: <c>*</c> for anything but slashes, <c>**</c> for anything.</param>
        public async Task ArrivesAtAsync(string glob)
        {
            await Assertions.Expect(page).ToHaveURLAsync(new Regex($"^{Star().Replace(Regex.Escape(glob), star => star.Length > 2 ? ".*" : "[^/]*")}$"));
            await page.IsLoadedAsync();
        }

        // Playwright's own way of waiting misses the event that falls between its look and its listening.
        public async Task IsLoadedAsync()
        {
            for (var clock = Stopwatch.StartNew(); await page.EvaluateAsync<string>("document.readyState") != "complete"; await Task.Delay(20))
                Assert.True(clock.Elapsed < LoadPatience, $"{page.Url} is not loaded.");
        }

        public ILocator Box => page.Locator("#text");
        public ILocator Answers => page.Locator("article[data-role=assistant]");
        public ILocator LastAnswer => page.Locator("article[data-role=assistant]").Last;
        public ILocator LastText => page.Locator("article[data-role=assistant]").Last.Locator(".message-body");

        public Task LastIsAsync(string state) =>
            Assertions.Expect(page.LastAnswer).ToHaveAttributeAsync("data-state", state);

        /// <summary>How far the reader is from the page's end, in pixels.</summary>
        public Task<double> GapAsync() => page.EvaluateAsync<double>("document.documentElement.scrollHeight - innerHeight - scrollY");

        public Task<double> ScrolledAsync() => page.EvaluateAsync<double>("scrollY");
    }

    [GeneratedRegex(@"(\\\*)+")]
    private static partial Regex Star();
}
