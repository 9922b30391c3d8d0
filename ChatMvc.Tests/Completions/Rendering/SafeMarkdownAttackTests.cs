using ChatMvc.Completions.Rendering;

namespace ChatMvc.Tests.Completions.Rendering;

public sealed class SafeMarkdownAttackTests
{
    private static readonly string[] Html =
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg/onload=alert`1`>",
        "<iframe src=javascript:alert(1)>", "<iframe srcdoc='<script>alert(1)</script>'>", "<body onload=alert(1)>", "<a href=javascript:alert(1)>x</a>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<details open ontoggle=alert(1)>", "<object data=data:text/html,x>",
        "<embed src=x>", "<link rel=stylesheet href=//evil.example>", "<style>@import'//evil.example'</style>", "<form action=/signout><button>x",
        "<input autofocus onfocus=alert(1)>", "<video><source onerror=alert(1)>", "<div hx-get=/x hx-trigger=load>", "<div data-hx-post=/x>",
        "<base href=//evil.example>", "<meta http-equiv=refresh content=0>", "<template><script>alert(1)</script></template>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<textarea></textarea><script>alert(1)</script>", "<xmp><img src=x onerror=alert(1)></xmp>", "<!--><script>alert(1)</script>-->", "<![CDATA[<script>alert(1)</script>]]>", "<?xml-stylesheet href=x?>",
    ];

    private static readonly string[] Addresses =
    [
        "javascript:alert(1)", "JAVASCRIPT:alert(1)", "java&#x73;cript:alert(1)", "javascript&colon;alert(1)", "javascript&#58;alert(1)", "java\\script:alert(1)",
        "data:text/html,<script>alert(1)</script>", "vbscript:x", "//evil.example", "\\\\evil.example", "/account/delete", "blob:x", "view-source:x", "x-javascript:alert(1)",
        "http:javascript:alert(1)", "https:///x", "http://\"onclick=alert(1)", "https://x/'onclick='alert(1)", "https://x/<script>", "mailto:", "%6Aavascript:alert(1)", "\u00a0javascript:alert(1)",
    ];

    private static readonly string[] AroundHtml =
    [
        "{0}", "**{0}**", "> {0}", "- {0}", "# {0}", "| a |\n|---|\n| {0} |", "`{0}`", "```{0}\n{0}\n```", "[{0}](https://example.com/{0})", "![{0}](https://example.com)", "&lt;{0}", "a\n{0}\n\n{0}",
    ];

    private static readonly string[] AroundAddress =
    [
        "[x]({0})", "[x](<{0}>)", "![x]({0})", "<{0}>", "[x][y]\n\n[y]: {0}", "[x]({0} \"t\")", "{0}", "[![x]({0})]({0})", "[x]( {0} )", "| a |\n|---|\n| [x]({0}) |",
    ];

    public static IEnumerable<string> Payloads =>
        Html.SelectMany(html => AroundHtml.Select(around => around.Replace("{0}", html)))
            .Concat(Addresses.SelectMany(address => AroundAddress.Select(around => around.Replace("{0}", address))));

    [Fact]
    public void No_payload_leaves_anything_but_allowed_elements_attributes_and_schemes()
    {
        Assert.True(Payloads.Distinct().Count() >= 500);
        Assert.All(Payloads, payload => AllowedHtml.Check(SafeMarkdown.ToHtml(payload)));
    }

    [Fact]
    public void No_payload_does_while_it_streams_either()
    {
        var random = new Random(3);
        foreach (var payload in Payloads)
        {
            var stream = new StreamingMarkdown();
            var writer = new HtmlPrefixWriter();
            var page = "";
            foreach (var chunk in Chunks.Of(payload, random))
            {
                stream.Append(chunk);
                var state = stream.Render();
                AllowedHtml.Check(state.OpenBlock);
                page += writer.Next(state);
            }

            var final = stream.Complete();
            Assert.All(final.FinishedBlocks, AllowedHtml.Check);
            page += writer.Next(final) + writer.Finish(SafeMarkdown.ToHtml(payload));
            AllowedHtml.Check(page.Replace("<div class=\"continued\" dir=\"auto\">", "<p dir=\"auto\">"));
        }
    }
}
