using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatMvc.Tests.Browsers;

public sealed class MathsTests(Chromium chromium) : BrowserTest(chromium)
{
    private const string Answer =
        "So \\(x^2\\) and $\\frac{a}{b}$, so:\n\n\\[\n\\begin{aligned} y &= 1 \\\\\n- z &= 2 \\end{aligned}\n\\]\n\nBut \\(\\unheardof\\), and the end.";

    // What reaches outside a formula, hides what is around it, or never ends.
    private static readonly string[] Hostile =
    [
        "\\href{javascript:alert(1)}{x}", "\\url{javascript:alert(1)}", "\\href{https://evil.example}{x}", "\\htmlData{a=b}{x}", "\\data{a=b}{x}", "\\htmlClass{message}{x}",
        "\\class{message}{x}", "\\id{text}{x}", "\\htmlId{text}{x}", "\\style{position:fixed;inset:0}{x}", "\\htmlStyle{position:fixed}{x}",
        "\\includegraphics[height=9em]{https://evil.example/x.png}", "\\includegraphics{/signout}", "\\def\\a{\\a\\a}\\a", "\\newcommand{\\b}{x\\b}\\b", "\\gdef\\c#1{#1#1}\\c{\\c{x}}", "\\let\\d=x\\d",
        "\\label{text}x", "\\ref{text}", "\\eqref{text} x", "\\begin{align}x\\label{compose}\\end{align}", "\\tip{x}{y}", "\\toggle{x}{y}\\endtoggle", "\\color{url(//evil.example)}{x}", "\\textcolor{red;position:fixed}{x}",
        "\\text{<img src=x onerror=alert(1)>}", "\\verb|<script>alert(1)</script>|", "\\rule{9999em}{9999em}", "\\kern-9999em x", "\\hspace{-9999em}x", "\\raisebox{9999em}{x}", "\\unicode{x}", "\\char\"3C x",
        "<script>alert(1)</script> x", "\\mathrm{</math><img src=x onerror=alert(1)>}", "{" + new string('{', 300) + "x" + new string('}', 301), string.Concat(Enumerable.Repeat("\\sqrt{", 200)) + "x" + new string('}', 200),
        string.Concat(Enumerable.Repeat("\\left(", 90)) + "x" + string.Concat(Enumerable.Repeat("\\right)", 90)), "\\bordermatrix{x}", "\\__proto__ x", "\\constructor x", "\\begin{__proto__}x\\end{__proto__}",
    ];

    [BrowserFact]
    public async Task Formulas_are_set_when_the_answer_is_finished_and_copied_as_they_were_written()
    {
        var asked = new List<string>();
        var page = await SignedInAsync("Maya");
        page.Request += (_, request) => asked.Add(request.Url);
        App.OpenAI.WillAnswer("No formula: $5 or $10.");
        await AskAsync(page, "What does it cost?");
        await page.LastIsAsync("done");

        App.OpenAI.WillHurry(tokenDelayMs: 5);
        App.OpenAI.Behaviour = new() { Text = Answer, HangBeforeEnd = true, Times = 1 };
        await page.Box.FillAsync("And what is x?");
        await page.Box.PressAsync("Enter");
        await Expect(page.LastText).ToContainTextAsync("the end.");
        await Expect(page.LastText.Locator(".math")).ToHaveCountAsync(4);
        Assert.Equal(0, await page.Locator("math").CountAsync());
        Assert.DoesNotContain(asked, url => url.Contains("maths", StringComparison.Ordinal));

        await page.LastAnswer.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await page.LastIsAsync("stopped");
        await Expect(page.LastText.Locator("math")).ToHaveCountAsync(3);
        await Expect(page.LastText.Locator("math[display=block] mtr")).ToHaveCountAsync(2);
        await Expect(page.LastText.Locator("math").First).ToHaveAttributeAsync("alttext", "x^2");
        await Expect(page.LastText.Locator(".math:not(:has(math))")).ToHaveTextAsync("\\(\\unheardof\\)");
        await PassesAsync(page);

        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.LastAnswer.HoverAsync();
        await page.LastAnswer.Locator(".message-menu > summary").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Copy as text" }).ClickAsync();
        await Expect(page.GetByText("Copied")).ToBeVisibleAsync();
        Assert.Equal(Answer, (await page.EvaluateAsync<string>("navigator.clipboard.readText()")).ReplaceLineEndings("\n"));

        await page.GotoAsync(page.Url + "/read");
        await Expect(page.Locator("math")).ToHaveCountAsync(3);
    }

    [BrowserFact]
    public async Task A_hostile_formula_reaches_nothing_outside_of_it()
    {
        var asked = new List<string>();
        var page = await SignedInAsync("Maya");
        page.Request += (_, request) => asked.Add(request.Url);
        page.Dialog += (_, dialog) => Assert.Fail(dialog.Message);
        App.OpenAI.WillAnswer(string.Join("\n\n", Hostile.Select(tex => $"Before \\({tex}\\) between \\[ {tex} = 1 \\] after")) + "\n\nLast: \\(E = mc^2\\)");
        await AskAsync(page, "Do harm");
        await page.LastIsAsync("done");
        await Expect(page.LastText.Locator("p:last-child math")).ToHaveCountAsync(1);

        Assert.Equal(Hostile.Length * 2 + 1, await page.LastText.Locator(".math").CountAsync());
        Assert.Empty(await page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll('.math *')].flatMap((e) => [
              ...(e.namespaceURI.endsWith('MathML') || e.matches('span.tex') ? [] : [e.outerHTML]),
              ...[...e.attributes].map((a) => a.name).filter((name) => /^(on|data|id|href|src|hx-|title|xlink)/.test(name)),
              ...(/absolute|fixed|sticky/.test(getComputedStyle(e).position) && !e.matches('.tml-cancel') ? ['position'] : []),
            ])
            """));
        Assert.All(asked, url => Assert.StartsWith(App.Address.ToString(), url, StringComparison.Ordinal));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight < 20000"));
        await page.Box.ClickAsync();
        await Expect(page.Box).ToBeFocusedAsync();
    }
}
