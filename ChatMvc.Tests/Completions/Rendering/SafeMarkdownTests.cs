using System.Diagnostics.CodeAnalysis;
using ChatMvc.Completions.Rendering;

namespace ChatMvc.Tests.Completions.Rendering;

public sealed class SafeMarkdownTests
{
    private const string Link = "target=\"_blank\" rel=\"nofollow noopener noreferrer ugc\"";

    [Theory]
    [InlineData("Hello **you**", "<p dir=\"auto\">Hello <strong>you</strong></p>")]
    [InlineData("a\nb  \nc", "<p dir=\"auto\">a\nb<br>\nc</p>")]
    [InlineData("# a\n## b\n###### c", "<h3 dir=\"auto\">a</h3><h4 dir=\"auto\">b</h4><h6 dir=\"auto\">c</h6>")]
    [InlineData("> q", "<blockquote dir=\"auto\"><p dir=\"auto\">q</p></blockquote>")]
    [InlineData("~~a~~ ~b~", "<p dir=\"auto\"><del>a</del> ~b~</p>")]
    [InlineData("3. x\n4. y", "<ol start=\"3\"><li dir=\"auto\">x</li><li dir=\"auto\">y</li></ol>")]
    [InlineData("- a\n\n  b\n- c", "<ul><li dir=\"auto\">a<p dir=\"auto\">b</p></li><li dir=\"auto\">c</li></ul>")]
    [InlineData("So it is.[^1] Or[^b-2].", "<p dir=\"auto\">So it is.<sup>1</sup> Or<sup>b-2</sup>.</p>")]
    [InlineData("a\n[^1]: https://example.org/a\n[^2]: Two *words*\nand more\n\nb", "<p dir=\"auto\">a</p><p dir=\"auto\"><sup>1</sup>: <a href=\"https://example.org/a\" LINK>https://example.org/a</a></p><p dir=\"auto\"><sup>2</sup>: Two <em>words</em>\nand more</p><p dir=\"auto\">b</p>")]
    [InlineData("`[^1]` [^ 1] [^] \\[^1]", "<p dir=\"auto\"><code>[^1]</code> [^ 1] [^] [^1]</p>")]
    [InlineData("a\n\n---\n", "<p dir=\"auto\">a</p><hr>")]
    [InlineData("", "")]
    [InlineData(" \n ", "")]
    public void Markdown_becomes_the_html_our_pages_want(string markdown, string html) =>
        Assert.Equal(html.Replace("LINK", Link, StringComparison.Ordinal), SafeMarkdown.ToHtml(markdown));

    [Fact]
    public void Tasks_are_check_boxes_with_a_name_that_cannot_be_clicked() =>
        Assert.Equal(
            "<ul><li dir=\"auto\"><input type=\"checkbox\" disabled checked aria-label=\"Done\"> a</li>" +
            "<li dir=\"auto\"><input type=\"checkbox\" disabled aria-label=\"To do\"> b</li></ul>",
            SafeMarkdown.ToHtml("- [x] a\n- [ ] b"));

    [Theory]
    [InlineData("```csharp\na < b\n```", "<figcaption>csharp</figcaption>", "a &lt; b")]
    [InlineData("```c++ title=x\nx\n```", "<figcaption>c++</figcaption>", "x")]
    [InlineData("```\nx\n\n```", "", "x\n")]
    [InlineData("    x\n", "", "x")]
    [InlineData("```<b>\nx\n```", "", "x")]
    [InlineData("```x\"onclick=\"y\nx\n```", "", "x")]
    [InlineData("```abcdefghijklmnopqrstuvwxyz12345\nx\n```", "", "x")]
    public void Code_is_a_figure_labelled_with_its_language(string markdown, string caption, string code) =>
        Assert.Equal($"<figure class=\"code\">{caption}<pre tabindex=\"0\"><code>{code}</code></pre></figure>", SafeMarkdown.ToHtml(markdown));

    [Fact]
    public void Tables_can_be_scrolled_by_keyboard_and_keep_their_alignment() =>
        Assert.Equal(
            "<div class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table>" +
            "<thead><tr><th dir=\"auto\">a</th><th dir=\"auto\" class=\"align-right\">b</th></tr></thead>" +
            "<tbody><tr><td dir=\"auto\">1</td><td dir=\"auto\" class=\"align-right\">2</td></tr></tbody></table></div>",
            SafeMarkdown.ToHtml("|a|b|\n|-|-:|\n|1|2|"));

    [Fact]
    public void Text_directly_below_a_table_does_not_undo_the_table()
    {
        var body = Rendered.Body(SafeMarkdown.ToHtml("|a|b|\n|-|-|\n|1|2|\nbelow\n"));

        Assert.Equal("2", body.QuerySelector("tbody td:last-child")!.TextContent);
        Assert.Equal("below", body.QuerySelector("p")!.TextContent);
    }

    [Fact]
    public void A_rule_directly_below_a_table_makes_no_heading_of_it() =>
        Assert.Equal(["div", "hr", "p"], Rendered.Body(SafeMarkdown.ToHtml("|a|b|\n|-|-|\n|1|2|\n---\nc")).Children.Select(child => child.LocalName));

    [Theory]
    [InlineData("so \\(x_1*y\\) is", "so <span class=\"math\" dir=\"ltr\">\\(x_1*y\\)</span> is")]
    [InlineData("$x$", "<span class=\"math\" dir=\"ltr\">$x$</span>")]
    [InlineData("**a** $a_1 < b_2$, $5$", "<strong>a</strong> <span class=\"math\" dir=\"ltr\">$a_1 &lt; b_2$</span>, <span class=\"math\" dir=\"ltr\">$5$</span>")]
    [InlineData("so \\[x = 2\\] is", "so <span class=\"math display\" dir=\"ltr\">\\[x = 2\\]</span> is")]
    [InlineData("so $$x$$ is", "so <span class=\"math display\" dir=\"ltr\">$$x$$</span> is")]
    [InlineData("(\\(x\\)\ngoes \\(a\nb\\))", "(<span class=\"math\" dir=\"ltr\">\\(x\\)</span>\ngoes <span class=\"math\" dir=\"ltr\">\\(a\nb\\)</span>)")]
    public void A_formula_in_a_sentence_stays_as_it_was_written(string markdown, string html) =>
        Assert.Equal($"<p dir=\"auto\">{html}</p>", SafeMarkdown.ToHtml(markdown));

    [Theory]
    [InlineData("\\[\nx = 1\n- y\n# z\n\\]")]
    [InlineData("\\[x = 1\\]")]
    [InlineData("$$\n\\begin{aligned}\n> a\n1. b\n\\end{aligned}\n$$")]
    [InlineData("$$E = mc^2$$")]
    public void A_formula_on_lines_of_its_own_is_a_block(string markdown)
    {
        var source = markdown.Replace(">", "&gt;", StringComparison.Ordinal);
        Assert.Equal($"<p dir=\"auto\">a</p><div class=\"math\" dir=\"ltr\" tabindex=\"0\">{source}</div><p dir=\"auto\">b</p>", SafeMarkdown.ToHtml($"a\n{markdown}\nb"));
    }

    [Theory]
    [InlineData("costs $5 or $10")]
    [InlineData("US$5 and C$6")]
    [InlineData("$5-$10, $5–$10, $5/$10")]
    [InlineData("$5 to 10$ and 5$ or 6$")]
    [InlineData("$5. Then 6$.")]
    [InlineData("$HOME/$USER")]
    [InlineData("$$ and $$ and $$$")]
    [InlineData("$ x$ and $x $")]
    [InlineData("in $, not in $.")]
    [InlineData("\\$x$", "$x$")]
    [InlineData("\\[1\\] and \\[text\\](url)", "[1] and [text](url)")]
    [InlineData("\\\\(x\\)", "\\(x)")]
    [InlineData("\\(\\)", "()")]
    [InlineData("`\\(x\\)` and `$x$`", "\\(x\\) and $x$")]
    [InlineData("$5 `$x$`", "$5 $x$")]
    [InlineData("```\n\\[\nx = 1\n\\]\n```", "\\[\nx = 1\n\\]")]
    [InlineData("    $$x$$", "$$x$$")]
    [InlineData("\\[\nx = 1\n\n\\]", "[\nx = 1]")]
    public void What_is_no_formula_is_text(string markdown, string? text = null)
    {
        var body = Rendered.Body(SafeMarkdown.ToHtml(markdown));

        Assert.Null(body.QuerySelector(".math"));
        Assert.Equal(text ?? markdown, body.TextContent);
    }

    [Theory]
    [InlineData("\\[\nx = 1\n")]
    [InlineData("$$\nx = 1\n")]
    [InlineData("\\(x = 1\n")]
    public void A_formula_without_an_end_takes_nothing_with_it(string opening)
    {
        var body = Rendered.Body(SafeMarkdown.ToHtml($"{opening}- item\n\n# Head\n\n\\(y\\)"));

        Assert.Equal("item", body.QuerySelector("li")!.TextContent);
        Assert.Equal("Head", body.QuerySelector("h3")!.TextContent);
        Assert.Equal("\\(y\\)", Assert.Single(body.QuerySelectorAll(".math")).TextContent);
    }

    [Fact]
    public void A_formula_too_long_to_set_is_text() =>
        Assert.Null(Rendered.Body(SafeMarkdown.ToHtml($"\\({new string('x', 2_000)}\\)")).QuerySelector(".math"));

    [Theory]
    [InlineData("1. a\n\\[\nx = 2\n\\]", "body > .math")]
    [InlineData("1. a\n   \\[\n   x = 2\n   \\]\n2. b", "ol > li:first-child > .math")]
    [InlineData("- - \\[\n    x = 2\n    \\]", "li li > .math")]
    [InlineData("- \\[\nx = 2\n\\]", "li > span.math")]
    [InlineData("> \\[\nx = 2\n\\]", "blockquote span.math")]
    [InlineData("> a\n> $$\n> x = 2\n> $$\n> b", "blockquote > .math")]
    [InlineData("> - \\[\n>   x = 2\n>   \\]", "blockquote li > .math")]
    [InlineData("|a|\n|-|\n|1|\n\\[\nx = 2\n\\]", "body > .table + .math")]
    [InlineData("|a|b|\n|-|-|\n|\\(x = |2|\\)|c|", "td:first-child > .math")]
    public void A_formula_stands_in_what_is_around_it(string markdown, string place)
    {
        var formula = Assert.Single(Rendered.Body(SafeMarkdown.ToHtml(markdown)).QuerySelectorAll(".math"));

        Assert.True(formula.Matches(place), formula.ParentElement!.OuterHtml);
        Assert.Contains("x = ", formula.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain('>', formula.TextContent);
    }

    [Theory]
    [InlineData("[a](https://example.com/x)", $"<a href=\"https://example.com/x\" {Link}>a</a>")]
    [InlineData("[a](HTTPS://example.com)", $"<a href=\"HTTPS://example.com\" {Link}>a</a>")]
    [InlineData("[](https://example.com)", $"<a href=\"https://example.com\" {Link}>https://example.com</a>")]
    [InlineData("<mailto:me@example.com>", $"<a href=\"mailto:me@example.com\" {Link}>mailto:me@example.com</a>")]
    [InlineData("www.example.com", $"<a href=\"https://www.example.com\" {Link}>www.example.com</a>")]
    [InlineData("[a](/signout)", "a")]
    [InlineData("[a](//example.com)", "a")]
    [InlineData("[a](http:/signout)", "a")]
    [InlineData("[a](http:signout)", "a")]
    [InlineData("[a](#compose)", "a")]
    [InlineData("tel:123 ftp://example.com", "tel:123 ftp://example.com")]
    public void Links_lead_out_by_http_or_mail_only(string markdown, string html) =>
        Assert.Equal($"<p dir=\"auto\">{html}</p>", SafeMarkdown.ToHtml(markdown));

    [Theory]
    [InlineData("[a](javascript:alert(1))")]
    [InlineData("[a](JaVaScRiPt:alert(1))")]
    [InlineData("[a](java&#115;cript:alert(1))")]
    [InlineData("[a](&#x6A;avascript:alert(1))")]
    [InlineData("[a](<java\tscript:alert(1)>)")]
    [InlineData("[a](<java\nscript:alert(1)>)")]
    [InlineData("[a](java&Tab;script:alert(1))")]
    [InlineData("[a](java&NewLine;script:alert(1))")]
    [InlineData("[a](<\u0001javascript:alert(1)>)")]
    [InlineData("[a](data:text/html;base64,PHNjcmlwdD4=)")]
    [InlineData("[a](vbscript:msgbox)")]
    [InlineData("[a](file:///etc/passwd)")]
    [InlineData("[a][x]\n\n[x]: javascript:alert(1)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("<data:text/html,x>")]
    [InlineData("![a](javascript:alert(1))")]
    [InlineData("![a](data:image/svg+xml,x)")]
    public void Addresses_that_run_something_are_not_linked(string markdown) =>
        Assert.Null(Rendered.Body(SafeMarkdown.ToHtml(markdown)).QuerySelector("a"));

    [Theory]
    [InlineData("# hi {onclick=alert(1)}")]
    [InlineData("text {style=position:fixed}")]
    [InlineData("[a](https://example.com){hx-get=/signout hx-trigger=load}")]
    [InlineData("```js {onclick=alert(1)}\nx\n```")]
    [InlineData("- a {#compose .message}")]
    public void Braces_give_no_attributes(string markdown)
    {
        var html = SafeMarkdown.ToHtml(markdown);

        AllowedHtml.Check(html);
        Assert.DoesNotContain("=alert", string.Concat(Rendered.Body(html).QuerySelectorAll("*").SelectMany(e => e.Attributes).Select(a => $"{a.Name}={a.Value}")));
    }

    [Theory]
    [InlineData("<div hx-post=\"/account/delete\" hx-trigger=\"load\">x</div>")]
    [InlineData("<b data-hx-get=\"/x\">x</b>")]
    [InlineData("<p hx-on:click=\"alert(1)\">x</p>")]
    [InlineData("<form action=\"/signout\" method=\"post\"><input name=\"x\"></form>")]
    [InlineData("<base href=\"https://evil.example\">")]
    [InlineData("<meta http-equiv=\"refresh\" content=\"0\">")]
    [InlineData("<style>*{display:none}</style>")]
    [InlineData("<textarea id=\"compose\" form=\"compose\">")]
    public void Html_is_shown_as_the_text_it_is(string text)
    {
        var html = SafeMarkdown.ToHtml(text);

        Assert.Equal(text, Rendered.Body(html).TextContent);
        Assert.Equal(["p"], Rendered.Body(html).QuerySelectorAll("*").Select(e => e.LocalName));
    }

    [Fact]
    public void Images_are_links_that_nobody_loads()
    {
        var html = SafeMarkdown.ToHtml("![a *cat*](https://canary.example/?q=secret) ![](https://example.com/x.png)");

        Assert.Equal(
            $"<p dir=\"auto\"><a href=\"https://canary.example/?q=secret\" class=\"image-link\" {Link}>a cat</a> " +
            $"<a href=\"https://example.com/x.png\" class=\"image-link\" {Link}>https://example.com/x.png</a></p>",
            html);
    }

    [Fact]
    public void An_image_in_a_link_leaves_one_link() =>
        Assert.Equal(
            $"<p dir=\"auto\"><a href=\"https://example.com\" {Link}>cat</a></p>",
            SafeMarkdown.ToHtml("[![cat](https://example.com/cat.png)](https://example.com)"));

    public static TheoryData<string, string> Hostile => new()
    {
        { "128 quotes", Many(">", 128) + " x" },
        { "10,000 quotes", Many("> ", 10_000) + "x" },
        { "64 list levels", string.Concat(Enumerable.Range(0, 64).Select(i => Many(" ", i * 2) + "- a\n")) },
        { "list levels in one line", Many("* - + ", 5_000) + "x" },
        { "80 KB of open links", Many("[a](", 20_000) },
        { "open brackets", Many("[", 100_000) },
        { "open images", Many("![", 50_000) },
        { "open emphasis", Many("*a ", 40_000) },
        { "underscores and asterisks", Many("*a _b ", 20_000) },
        { "backticks of all lengths", string.Concat(Enumerable.Range(1, 600).Select(i => Many("`", i) + " ")) },
        { "bare addresses", Many("www.a.b ", 20_000) },
        { "definitions", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"[a{i}]: u\n")) },
        { "a table of 5,000 columns", Many("|a", 5_000) + "|\n" + Many("|-", 5_000) + "|\n" + Many("|1", 5_000) + "|\n" },
        { "a table of 1,000 columns and short rows", Many("|a", 1_000) + "|\n" + Many("|-", 1_000) + "|\n" + Many("|1\n", 4_000) },
        { "a table of a million characters", "|a|b|\n|-|-|\n" + Many("|1|2|\n", 200_000) },
        { "longer than the limit", Many("word ", 50_000) },
        { "angles", Many("<", 190_000) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    [SuppressMessage("Usage", "xUnit1026", Justification = "The name tells the cases apart.")]
    public void Text_too_deep_or_too_dear_is_shown_as_written(string name, string markdown)
    {
        var html = SafeMarkdown.ToHtml(markdown);

        AllowedHtml.Check(html);
        Assert.Equal(markdown.Trim(), Assert.Single(Rendered.Body(html).Children, p => p.ClassName == "plain").TextContent.Trim());
    }

    [Fact]
    public void One_hostile_paragraph_leaves_the_others_their_shape()
    {
        var body = Rendered.Body(SafeMarkdown.ToHtml("# Title\n\n" + Many("[a](", 5_000) + "\n\n**end**"));

        Assert.Equal(["h3", "p", "p"], body.Children.Select(child => child.LocalName));
        Assert.Equal("plain", body.Children[1].ClassName);
        Assert.Equal("end", body.QuerySelector("strong")!.TextContent);
    }

    [Fact]
    public void Code_full_of_delimiters_costs_nothing_and_stays_code()
    {
        var code = Many("x[i] = *p_a_b | `q` ** 2;\n", 1_000);

        Assert.Equal(code.TrimEnd(), Rendered.Body(SafeMarkdown.ToHtml($"```c\n{code}```")).QuerySelector("code")!.TextContent);
    }

    [Fact]
    public void No_text_of_special_characters_makes_it_throw()
    {
        string[] pieces =
        [
            "\0", "\ud800", "\udc00", "\u202e", "\u2066", "\ufeff", "\uffff", "\u0085", "\u2028", "\u001b[31m", "\f", "\v", "\b", "\u007f",
            "\r", "\n", "\t", " ", "*", "_", "`", "~", "[", "]", "(", ")", "<", ">", "&", "#", "-", "+", "1.", "|", ":", "!", "\\", "\"", "'",
            "=", "```", "~~~", "---", "[x]: ", "http://", "www.", "mailto:a@b", "&amp;", "&#0;", "&#xD800;", "&#x110000;", "a", "é", "漢", "😀", "\n\n", "    ", "\n> ", "\n- ", "|-|-|\n",
        ];
        var random = new Random(20_260_101);
        for (var i = 0; i < 4_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => pieces[random.Next(pieces.Length)]));
            AllowedHtml.Check(SafeMarkdown.ToHtml(text));
        }
    }

    [Theory]
    [InlineData("a\0b", "a\uFFFDb")]
    [InlineData("a\u001b[31mb", "a\uFFFD[31mb")]
    [InlineData("\u202eabc", "\u202eabc")]
    [InlineData("😀", "😀")]
    [InlineData("a\r\nb\rc", "a\nb\nc")]
    public void Characters_that_cannot_be_shown_are_replaced(string text, string shown) =>
        Assert.Equal($"<p dir=\"auto\">{shown}</p>", SafeMarkdown.ToHtml(text));

    // Not a theory: half pairs do not survive as test data.
    [Fact]
    public void Half_a_surrogate_pair_is_replaced()
    {
        Assert.Equal("<p dir=\"auto\">a\uFFFDb</p>", SafeMarkdown.ToHtml("a\ud800b"));
        Assert.Equal("<p dir=\"auto\">\uFFFD</p>", SafeMarkdown.ToHtml("\udc00"));
        Assert.Equal("<p dir=\"auto\">\uFFFD\uFFFD</p>", SafeMarkdown.ToHtml("\udc00\ud800"));
    }

    [Fact]
    public void The_same_text_gives_the_same_html_on_every_thread()
    {
        var expected = MarkdownCorpus.Documents.ToDictionary(d => d.Key, d => SafeMarkdown.ToHtml(d.Value));

        Parallel.For(0, 400, i =>
        {
            var (name, text) = MarkdownCorpus.Documents.ElementAt(i % MarkdownCorpus.Documents.Count);
            Assert.Equal(expected[name], SafeMarkdown.ToHtml(text));
        });
    }

    private static string Many(string piece, int count) => string.Concat(Enumerable.Repeat(piece, count));
}
