using System.Diagnostics;
using System.Globalization;

namespace ChatMvc.Tests.Browsers;

/// <summary>A test in w3m: skipped, visibly, where it is not installed, except on the build server, where that is a failure.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class W3mFactAttribute : FactAttribute
{
    public W3mFactAttribute() => Skip = W3m.WhyNot;
}

/// <summary>
/// w3m at a terminal of its own, driven by its keys as by a person: a browser that knows neither scripts nor styles. What
/// it shows is had by its own key for saving the page as text.
/// </summary>
public sealed class W3m : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly bool IsBuildServer = Environment.GetEnvironmentVariable("CI") == "true";
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("w3m-");
    private readonly Process terminal;
    private int pages;

    /// <summary>Why tests in w3m are skipped here; null when they run.</summary>
    public static string? WhyNot { get; } =
        IsBuildServer || (File.Exists("/usr/bin/w3m") && File.Exists("/usr/bin/script")) ? null : "there is no /usr/bin/w3m, or no /usr/bin/script to give it a terminal";

    public W3m(Uri address)
    {
        // Text areas are written with an editor: this one writes what stands in a file.
        var editor = Path.Combine(home.FullName, "editor");
        File.WriteAllText(editor, $"#!/bin/sh\nfor file; do :; done\ncat '{Draft}' > \"$file\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(editor, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo("/usr/bin/script", ["-qfec", $"stty rows 60 cols 100; exec w3m -cookie -o editor={editor} {address}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["HOME"] = home.FullName, ["TERM"] = "xterm", ["LANG"] = "C.UTF-8" },
        };
        terminal = Process.Start(start)!;
        // Nobody looks at the screen, but somebody has to take it.
        _ = terminal.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
    }

    private string Draft => Path.Combine(home.FullName, "draft");

    /// <summary>Types into the first field after these words.</summary>
    public Task FillAsync(string after, string text) => KeysAsync($"{Find(after)}\t\r{text}\r");

    /// <summary>Writes into the first text area after these words.</summary>
    public async Task WriteAsync(string after, string text)
    {
        await File.WriteAllTextAsync(Draft, text);
        await KeysAsync($"{Find(after)}\t\r");
    }

    /// <summary>Presses the button, or follows the link, whose words begin so.</summary>
    public Task PressAsync(string words) => KeysAsync($"{Find(words)}\r");

    /// <summary>The page as it is shown now.</summary>
    public async Task<string> PageAsync()
    {
        var file = Path.Combine(home.FullName, (++pages).ToString(CultureInfo.InvariantCulture));
        await KeysAsync($"S{file}\r");
        using var patience = new CancellationTokenSource(Patience);
        while (!File.Exists(file) || new FileInfo(file).Length == 0) await Task.Delay(20, patience.Token);
        // It is written at one stroke and small; the second look makes sure.
        var text = await File.ReadAllTextAsync(file);
        await Task.Delay(20);
        return await File.ReadAllTextAsync(file) is var again && again.Length >= text.Length ? again : text;
    }

    /// <summary>Loads the page again until it shows these words, and no button to stop an answer any more.</summary>
    public async Task<string> ReloadUntilDoneAsync(string words)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            await KeysAsync("R");
            var page = await PageAsync();
            if (page.Contains(words, StringComparison.Ordinal) && !page.Contains("Stop", StringComparison.Ordinal)) return page;
            Assert.True(watch.Elapsed < Patience, $"'{words}' did not appear on:\n{page}");
        }
    }

    public void Dispose()
    {
        terminal.Kill(entireProcessTree: true);
        terminal.Dispose();
        home.Delete(recursive: true);
    }

    // From the page's top.
    private static string Find(string words) => $"g/{words}\r";

    private async Task KeysAsync(string keys)
    {
        await terminal.StandardInput.WriteAsync(keys);
        await terminal.StandardInput.FlushAsync();
    }
}
