using Microsoft.Playwright;

namespace ChatMvc.Tests.Browsers;

/// <summary>One browser for all tests in it; each test has contexts of its own, so that nothing is shared but the process.</summary>
public sealed class Chromium : IAsyncLifetime
{
    // The shell is the same engine without a window's trimmings, which take a second of processor time for each context.
    private const string Shell = "/usr/bin/chromium-headless-shell";
    private static readonly string Program = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } given ? given
        : File.Exists(Shell) ? Shell : "/usr/bin/chromium";
    private static readonly bool IsBuildServer = Environment.GetEnvironmentVariable("CI") == "true";

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <summary>Why tests in a browser are skipped here; null when they run.</summary>
    public static string? WhyNot { get; } = File.Exists(Program) || IsBuildServer ? null : $"there is no browser at {Program} (or where CHROMIUM says)";

    public IBrowser Browser => browser ?? throw new InvalidOperationException("The browser was not started.");

    public async Task InitializeAsync()
    {
        if (WhyNot is not null) return;
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Headless = true, Args = Arguments });
    }

    public async Task DisposeAsync()
    {
        if (browser is not null) await browser.CloseAsync();
        playwright?.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class InABrowser : ICollectionFixture<Chromium>
{
    public const string Name = "In a browser";
}
