using Microsoft.Playwright;

namespace ChatMvc.Tests.Browsers;

/// <summary>A test whose room holds everything that an answer may consist of.</summary>
public abstract class RichRoomTest(Chromium chromium) : BrowserTest(chromium)
{
    protected const string Rich = """
        A **short** answer with a [link](https://example.org) and `inline code`.

        ## What matters

        1. Flour
           - white
           - rye
        2. Water

        ```csharp
        public static string Hello(string name) => $"Hello, {name}. This line is rather long and has to scroll inside its own box, not move the page.";
        ```

        | Flour | Water | Salt | Yeast | Time at room temperature | Notes on handling the dough | And one more column |
        |---|---:|---:|:-:|---|---|---|
        | 500 g | 350 g | 10 g | 2 g | twelve hours | fold twice in the first hour | none at all |

        | Salt | Yeast |
        |---|---|
        | 10 g | 2 g |

        > Bread is patience.

        Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft and https://example.org/a/very/long/address/that/does/not/break/anywhere/at/all/and/goes/on

        - [ ] To do
        - [x] Done
        """;

    protected override string[] Settings => ["Limits:BasicMessages=100"];

    protected async Task<IPage> RichRoomAsync(ViewportSize viewport, ColorScheme scheme = ColorScheme.Light)
    {
        App.OpenAI.WillAnswer(Rich);
        var page = await AskAsync(await SignedInAsync("Maya", viewport, scheme: scheme), "Tell me about bread\nwith a second line");
        await page.LastIsAsync("done");
        return page;
    }

    protected static async Task<string> MessageAsync(IPage page) =>
        (await page.Locator("article[data-role=assistant] .message-time").First.GetAttributeAsync("href"))!;
}
