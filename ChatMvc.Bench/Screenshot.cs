using ChatMvc.Sandbox;
using ChatMvc.Tests;
using ChatMvc.Tests.Browsers;
using Microsoft.Playwright;

namespace ChatMvc.Bench;

/// <summary>The README's picture: a room of the real server, as Chromium shows it, with answers that were thought of beforehand.</summary>
internal static class Screenshot
{
    public const string Default = "ChatMvc.Bench/screenshot.png";

    private static readonly (string Title, string Question)[] Earlier =
    [
        ("Names for a small grey cat", "What could I call a small grey cat?"),
        ("A week of dinners without meat", "Plan five dinners without meat"),
        ("Why the sky is blue", "Why is the sky blue?"),
        ("Letter to the landlord", "Write a friendly letter about the heating"),
        ("SQLite or PostgreSQL", "Which database for one small server?"),
        ("Sourdough in a cold kitchen", "When do I start a sourdough?"),
    ];

    private const string Question = "How do I put the day into the names of my photos?";

    private const string Answer = """
        Run this among the photos. It **only prints** the new names; nothing is touched yet.

        ```python
        from pathlib import Path
        from PIL import Image

        for photo in sorted(Path.cwd().glob("*.jpg")):
            taken = Image.open(photo).getexif().get(306)  # day and time
            if taken:
                print(photo.name, "→", taken[:10].replace(":", "-"), photo.name)
        ```

        For two photos of one weekend that means:

        | Now | Then |
        |---|---|
        | IMG_2041.jpg | 2026-09-12 IMG_2041.jpg |
        | IMG_2057.jpg | 2026-09-13 IMG_2057.jpg |

        If the list is right, write “go on” and I add the line that renames them.
        """;

    /// <param name="file">Where to, as PNG.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string file)
    {
        if (Chromium.WhyNot is { } reason)
        {
            await Console.Error.WriteLineAsync($"No picture: {reason}.");
            return 1;
        }
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=20");
        var chromium = new Chromium();
        await chromium.InitializeAsync();
        try
        {
            await using var context = await chromium.Browser.NewContextAsync(new()
            {
                BaseURL = app.Address.ToString(),
                ViewportSize = new() { Width = 1200, Height = 860 },
                DeviceScaleFactor = 1.5f,
                ReducedMotion = ReducedMotion.Reduce,
            });
            var page = await context.NewPageAsync();
            await SignInAsync(page);
            foreach (var (title, question) in Earlier) await AskAsync(app, page, question, "It depends.", title);
            await AskAsync(app, page, Question, Answer, "Photos by their date");
            await page.EvaluateAsync("document.activeElement.blur()");
            await page.ScreenshotAsync(new() { Path = file });
        }
        finally
        {
            await chromium.DisposeAsync();
        }
        Console.WriteLine($"{file}: {new FileInfo(file).Length / 1024} KB");
        return 0;
    }

    private static async Task SignInAsync(IPage page)
    {
        await page.GotoAsync("/signin");
        await page.GetByLabel("Phone number").FillAsync(TestApp.PhoneOf("Maya"));
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("Code").FillAsync((await page.Locator("#sandbox-code").TextContentAsync())!);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/chats");
    }

    private static async Task AskAsync(TestApp app, IPage page, string question, string answer, string title)
    {
        app.OpenAI.WillAnswer(answer);
        app.OpenAI.Behaviour = new() { Kind = SteeredKind.Title, Text = title, Times = 1 };
        await page.GotoAsync("/chats");
        await page.Box.FillAsync(question);
        await page.Box.PressAsync("Enter");
        await page.WaitForURLAsync("**/chats/*");
        await page.LastIsAsync("done");
        await Assertions.Expect(page.Locator("#chat-title")).ToHaveTextAsync(title);
    }
}
