using System.Text;
using ChatMvc.Completions.Rendering;

namespace ChatMvc.Tests.Completions.Rendering;

public sealed class HtmlPrefixWriterTests
{
    [Theory]
    [MemberData(nameof(MarkdownCorpus.Names), MemberType = typeof(MarkdownCorpus))]
    public void What_was_sent_reads_as_the_final_answer(string name)
    {
        var text = MarkdownCorpus.Documents[name];
        for (var seed = 0; seed < (text.Length > 2_000 ? 2 : 40); seed++)
        {
            var sent = Send(Chunks.Of(text, new Random(seed)), SafeMarkdown.ToHtml(text)).Page;

            if (!MarkdownCorpus.WithDefinitions.Contains(name)) Assert.Equal(Rendered.Text(SafeMarkdown.ToHtml(text)), Rendered.Text(sent));
        }
    }

    [Fact]
    public void An_ordinary_answer_is_sent_word_by_word_and_ends_exactly_as_the_stored_one()
    {
        var text = MarkdownCorpus.Documents["whole answer"];
        var (page, pieces) = Send(Chunks.Words(text), SafeMarkdown.ToHtml(text));

        Assert.Equal(SafeMarkdown.ToHtml(text), page);
        Assert.InRange(pieces.Count(piece => piece.Length > 0), Chunks.Words(text).Count() / 2, int.MaxValue);
    }

    [Fact]
    public void No_piece_ends_inside_a_tag_or_an_entity()
    {
        foreach (var text in MarkdownCorpus.Documents.Values.Where(text => text.Length < 2_000))
        {
            var page = new StringBuilder();
            foreach (var piece in Send(Chunks.Of(text, new Random(5)), SafeMarkdown.ToHtml(text)).Pieces)
            {
                page.Append(piece);
                var sent = page.ToString();
                Assert.True(sent.LastIndexOf('<') <= sent.LastIndexOf('>'), sent);
                Assert.DoesNotMatch("&[a-z]*$", sent);
                Assert.False(sent.Length > 0 && char.IsHighSurrogate(sent[^1]));
            }
        }
    }

    [Fact]
    public void A_paragraph_that_becomes_a_heading_keeps_its_words_and_gets_the_missing_ones()
    {
        var writer = new HtmlPrefixWriter();

        Assert.Equal("<p>Tit", writer.Next(new StreamedMarkdown([], "<p>Tit</p>")));
        Assert.Equal("", writer.Next(new StreamedMarkdown([], "<h3>Title</h3>")));
        Assert.Equal("</p><div class=\"continued\" dir=\"auto\">le</div><p>a", writer.Next(new StreamedMarkdown(["<h3>Title</h3>"], "<p>a</p>")));
        Assert.Equal("</p>", writer.Finish("<h3>Title</h3><p>a</p>"));
    }

    [Fact]
    public void A_text_that_changed_goes_on_where_its_last_words_stand()
    {
        var writer = new HtmlPrefixWriter();

        writer.Next(new StreamedMarkdown([], "<p>see *the long story of it</p>"));
        Assert.Equal(
            "</p><div class=\"continued\" dir=\"auto\">all &amp; more</div>",
            writer.Next(new StreamedMarkdown(["<p>look: see <em>the long story of it all</em> &amp; more</p>"], "")));
    }

    [Fact]
    public void A_finished_block_may_be_less_than_what_was_open()
    {
        var writer = new HtmlPrefixWriter();

        Assert.Equal("<ul><li>a</li></ul><p>b", writer.Next(new StreamedMarkdown([], "<ul><li>a</li></ul><p>b</p>")));
        Assert.Equal(" c", writer.Next(new StreamedMarkdown(["<ul><li>a</li></ul>"], "<p>b c</p>")));
        Assert.Equal("</p>", writer.Finish("<ul><li>a</li></ul><p>b c</p>"));
    }

    [Fact]
    public void An_answer_that_ends_early_is_closed()
    {
        var writer = new HtmlPrefixWriter();
        writer.Next(new StreamedMarkdown([], "<ul><li><em>a</em></li></ul>"));

        Assert.Equal("</em></li></ul>", writer.Finish("<ul><li><em>a</em></li></ul>"));
        Assert.Equal("", new HtmlPrefixWriter().Finish(""));
    }

    private static (string Page, List<string> Pieces) Send(IEnumerable<string> chunks, string finalHtml)
    {
        var stream = new StreamingMarkdown();
        var writer = new HtmlPrefixWriter();
        var pieces = new List<string>();
        foreach (var chunk in chunks)
        {
            stream.Append(chunk);
            pieces.Add(writer.Next(stream.Render()));
        }

        pieces.Add(writer.Next(stream.Complete()));
        pieces.Add(writer.Finish(finalHtml));
        return (string.Concat(pieces), pieces);
    }
}
