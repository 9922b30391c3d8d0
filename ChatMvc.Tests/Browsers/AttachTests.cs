using System.Text;
using ChatMvc.Tests.Chats.Attachments;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

/// <summary>Files by hand: picked, pasted, dropped, taken off again, sent.</summary>
public sealed class AttachTests(Chromium chromium) : BrowserTest(chromium)
{
    [BrowserFact]
    public async Task Files_are_picked_pasted_and_dropped_listed_taken_off_and_sent()
    {
        App.OpenAI.WillAnswer("First answer.");
        var page = await AskAsync(await SignedInAsync("Maya"), "First");
        await page.LastIsAsync("done");
        var chosen = page.Locator("#chosen .file-name");

        await page.Locator("#compose [name=files]").SetInputFilesAsync([Text("picked.txt"), Text("wrong.txt")]);
        await Expect(chosen).ToHaveTextAsync(["picked.txt", "wrong.txt"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove wrong.txt" }).ClickAsync();
        await Expect(chosen).ToHaveTextAsync(["picked.txt"]);
        await GiveAsync(page, "paste", "#text", "clipboardData", "pasted.png", Pictures.WholePng);
        await Expect(page.Locator("#chosen canvas")).ToHaveCountAsync(1);
        await GiveAsync(page, "drop", "#log", "dataTransfer", "dropped.txt", "Dropped"u8.ToArray());
        await Expect(chosen).ToHaveTextAsync(["picked.txt", "pasted.png", "dropped.txt"]);
        await PassesAsync(page);

        App.OpenAI.WillAnswer("Second answer.");
        await page.Box.FillAsync("Read these");
        await page.Box.PressAsync("Enter");

        await Expect(page.LastText).ToHaveTextAsync("Second answer.");
        var question = page.Locator("article[data-role=user]").Last;
        await Expect(question.Locator(".file-name")).ToHaveTextAsync(["picked.txt", "dropped.txt"]);
        await Expect(question.Locator("img")).ToHaveAttributeAsync("alt", "pasted.png");
        Assert.True(await question.Locator("img").EvaluateAsync<bool>("async image => { await image.decode(); return image.naturalWidth === 1; }"));
        await Expect(page.Locator("#chosen li")).ToHaveCountAsync(0);

        // Refused, they wait on the server; the next press sends them.
        App.OpenAI.WillAnswer("Third answer.");
        await page.Locator("#compose [name=files]").SetInputFilesAsync([Text("kept.txt"), new() { Name = "paper.pdf", MimeType = "application/pdf", Buffer = "%PDF-1.7"u8.ToArray() }]);
        await Expect(chosen).ToHaveCountAsync(2);
        MayComplain("422");
        await page.Box.FillAsync("And this");
        await page.Box.PressAsync("Enter");
        await Expect(page.Locator("[data-notice=error]")).ToContainTextAsync("PDFs cannot be read here");
        await Expect(page.Box).ToHaveValueAsync("And this");
        await Expect(chosen).ToHaveTextAsync(["kept.txt"]);
        await page.Box.PressAsync("Enter");
        await Expect(page.LastText).ToHaveTextAsync("Third answer.");
        await Expect(page.Locator("article[data-role=user]").Last.Locator(".file-name")).ToHaveTextAsync(["kept.txt"]);
    }

    private static FilePayload Text(string name) => new() { Name = name, MimeType = "text/plain", Buffer = Encoding.UTF8.GetBytes($"Text of {name}") };

    // As the browser would with a hand on it: a file in the event, and nobody knows a path.
    private static async Task GiveAsync(IPage page, string type, string target, string property, string name, byte[] bytes) => await page.EvaluateAsync(
        """
        ([type, target, property, name, bytes]) => {
          const data = new DataTransfer();
          const raw = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
          data.items.add(new File([raw], name, { type: name.endsWith('.png') ? 'image/png' : 'text/plain' }));
          const options = { bubbles: true, cancelable: true, [property]: data };
          const event = type === 'paste' ? new ClipboardEvent(type, options) : new DragEvent(type, options);
          document.querySelector(target).dispatchEvent(event);
        }
        """, new[] { type, target, property, name, Convert.ToBase64String(bytes) });
}
