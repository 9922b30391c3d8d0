using System.Text.RegularExpressions;

namespace ChatMvc.Tests.Browsers;

/// <summary>The journey in a browser that knows neither scripts nor styles.</summary>
public sealed partial class W3mTests : IAsyncLifetime
{
    private TestApp? app;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync()
    {
        if (app is not null) await app.DisposeAsync();
    }

    [W3mFact]
    public async Task One_signs_in_reads_and_sends_with_w3m()
    {
        app!.OpenAI.WillAnswer("Bread needs **time**.\n\n1. Mix\n2. Wait");
        using var w3m = new W3m(new Uri(app.Address, "/signin"));
        await w3m.FillAsync("Phone number", TestApp.PhoneOf("Maya"));
        await w3m.PressAsync("Send the code");
        var code = SandboxCode().Match(await w3m.PageAsync());
        Assert.True(code.Success);
        await w3m.FillAsync("^Code", code.Groups[1].Value);
        await w3m.PressAsync("^Sign in $");
        Assert.Contains("What would you like to know?", await w3m.PageAsync(), StringComparison.Ordinal);

        await w3m.WriteAsync("What would you like", "How is bread made?");
        await w3m.PressAsync("Send");
        Assert.Contains("How is bread made?", await w3m.PageAsync(), StringComparison.Ordinal);
        var room = await w3m.ReloadUntilDoneAsync("Bread needs time.");
        Assert.Contains(" 2. Wait", room, StringComparison.Ordinal);
        Assert.Contains("4 of 5 free messages left.", room, StringComparison.Ordinal);
        // Nothing is said or offered that only a page with scripts could know or do.
        Assert.DoesNotContain("Offline", room, StringComparison.Ordinal);
        Assert.DoesNotContain("Newest", room, StringComparison.Ordinal);

        app.OpenAI.WillAnswer("Two hours.");
        await w3m.WriteAsync("2. Wait", "How long?");
        await w3m.PressAsync("Send $");
        room = await w3m.ReloadUntilDoneAsync("Two hours.");
        Assert.Contains("How long?", room, StringComparison.Ordinal);
        Assert.Contains("Bread needs time.", room, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"The code is (\d{6})")]
    private static partial Regex SandboxCode();
}
