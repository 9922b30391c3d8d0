using ChatMvc.Completions.Rendering;

namespace ChatMvc.Tests.Completions.Rendering;

public sealed class StreamingMarkdownTests
{
    [Theory]
    [MemberData(nameof(MarkdownCorpus.Names), MemberType = typeof(MarkdownCorpus))]
    public void Visible_text_only_grows_and_ends_as_the_whole(string name)
    {
        var text = MarkdownCorpus.Documents[name];
        for (var seed = 0; seed < Rounds(text); seed++)
        {
            var stream = new StreamingMarkdown();
            var length = 0;
            IReadOnlyList<string> finished = [];
            foreach (var chunk in Chunks.Of(text, new Random(seed)))
            {
                stream.Append(chunk);
                var state = stream.Render();

                Assert.Equal(finished, state.FinishedBlocks.Take(finished.Count));
                Assert.All(state.FinishedBlocks.Skip(finished.Count).Append(state.OpenBlock), html => Assert.True(Rendered.IsBalanced(html), html));
                finished = state.FinishedBlocks;

                var now = Rendered.Text(string.Concat(finished) + state.OpenBlock).Length;
                Assert.True(now >= length, $"seed {seed}: {length} → {now} at {chunk}: {state.OpenBlock}");
                length = now;
            }

            var whole = string.Concat(stream.Complete().FinishedBlocks);
            if (!MarkdownCorpus.WithDefinitions.Contains(name)) Assert.Equal(SafeMarkdown.ToHtml(text), whole);
        }
    }

    [Theory]
    [InlineData("The words of a sentence")]
    [InlineData("- The words of an item")]
    [InlineData("> The words of a quote")]
    [InlineData("# The words of a heading")]
    [InlineData("```\nThe words of code")]
    [InlineData("1. one\n   - The words of an inner item")]
    public void Every_word_appears_when_it_arrives(string text)
    {
        var words = Chunks.Words(text).ToList();
        var stream = new StreamingMarkdown();
        foreach (var word in words)
        {
            stream.Append(word);
            var shown = stream.Render().OpenBlock;
            if (word.Any(char.IsLetter)) Assert.Contains(word.Trim(), shown);
        }
    }

    [Theory]
    [InlineData("one **two thr", "one")]
    [InlineData("one *two* thr", "onetwothr")]
    [InlineData("one `two thr", "one")]
    [InlineData("one [two](https://example.com/thr", "one")]
    [InlineData("one [two](https://example.com/thr) four", "onetwofour")]
    [InlineData("one ~~two", "one")]
    [InlineData("one <https://example", "one")]
    [InlineData("one https://example", "one")]
    [InlineData("one &am", "one")]
    [InlineData("one \\", "one")]
    [InlineData("one\n\n#", "one")]
    [InlineData("one\n\n- ", "one")]
    [InlineData("one\n\n12.", "one")]
    [InlineData("one\n---", "one")]
    [InlineData("one\n\n```csh", "one")]
    [InlineData("one\n\n| a | b |", "one")]
    [InlineData("one\n\n| a | b |\n|--", "one")]
    [InlineData("one\n\n| a | b |\n|--|--|\n", "oneab")]
    [InlineData("one\n\n| a | b |\n|--|--|\n| 1 |", "oneab")]
    [InlineData("one\n\n| a | b |\n|--|--|\n| 1 | 2 |\n", "oneab12")]
    [InlineData("one\n\n- [x", "one")]
    [InlineData("```\none\n``", "one")]
    [InlineData("2 * 3 = 6, a < b, AT&T and", "2*3=6,a<b,AT&Tand")]
    [InlineData("one **two thr\n\n", "one**twothr")]
    [InlineData("one \\(x", "one")]
    [InlineData("one $x", "one")]
    [InlineData("one $x$", "one")]
    [InlineData("one $x$.", "one$x$.")]
    [InlineData("costs $5 or mo", "costs$5ormo")]
    [InlineData("one\n\\[\nx = 1\n- y\n", "one")]
    [InlineData("one\n\\[\nx = 1\n- y\n\\]", "one")]
    [InlineData("one\n\\[\nx = 1\n- y\n\\]\n", "one\\[x=1-y\\]")]
    [InlineData("one\n\\[\nx = 1\n- y\n\n", "one[x=1y")]
    [InlineData("one\n$$\nx = 1\n\ntwo", "one$$x=1two")]
    public void What_may_still_change_waits(string text, string visible)
    {
        var stream = new StreamingMarkdown();
        stream.Append(text);
        var state = stream.Render();

        Assert.Equal(visible, Rendered.Text(string.Concat(state.FinishedBlocks) + state.OpenBlock));
    }

    [Fact]
    public void A_delimiter_without_partner_does_not_hold_back_the_paragraph_for_long()
    {
        var stream = new StreamingMarkdown();
        var longest = 0;
        var text = "Call it with *args as " + string.Join(' ', Enumerable.Repeat("always", 200));
        for (var at = 0; at < text.Length; at++)
        {
            stream.Append(text[at..(at + 1)]);
            var state = stream.Render();
            longest = Math.Max(longest, at - state.OpenBlock.Length);
        }

        Assert.InRange(longest, 10, 170);
    }

    [Fact]
    public void Finished_blocks_are_rendered_once_and_snapshots_keep_their_size()
    {
        var stream = new StreamingMarkdown();
        stream.Append("one\n\ntwo\n\nthr");
        var before = stream.Render();
        for (var i = 0; i < 50; i++) stream.Append("ee\n\nmore");
        var after = stream.Render();

        Assert.Equal(2, before.FinishedBlocks.Count);
        Assert.Equal(52, after.FinishedBlocks.Count);
        Assert.Same(before.FinishedBlocks[0], after.FinishedBlocks[0]);
    }

    [Fact]
    public void Nothing_can_be_appended_to_a_complete_answer()
    {
        var stream = new StreamingMarkdown();
        stream.Append("a");

        Assert.Equal(["<p dir=\"auto\">a</p>"], stream.Complete().FinishedBlocks);
        Assert.Same(stream.Complete(), stream.Render());
        Assert.Throws<InvalidOperationException>(() => stream.Append("b"));
    }

    [Fact]
    public void A_pair_cut_in_two_is_one_character_again()
    {
        var stream = new StreamingMarkdown();
        stream.Append("a \ud83d");
        Assert.Equal("<p dir=\"auto\">a</p>", stream.Render().OpenBlock);
        stream.Append("\ude00\r");
        Assert.Equal("<p dir=\"auto\">a 😀</p>", stream.Render().OpenBlock);
        stream.Append("\nb");
        Assert.Equal("<p dir=\"auto\">a 😀\nb</p>", stream.Render().OpenBlock);
    }

    [Theory]
    [InlineData("[a](")]
    [InlineData("> > > ")]
    [InlineData("| a ")]
    [InlineData("*a _b `c ")]
    [InlineData("- a\n")]
    [InlineData("word ")]
    public void A_hostile_answer_of_100_KB_still_streams(string piece)
    {
        var stream = new StreamingMarkdown();
        var sent = 0;
        for (var i = 0; i < 1_000; i++)
        {
            stream.Append(string.Concat(Enumerable.Repeat(piece, 100 / piece.Length)));
            if (stream.Render() is { } state) sent = state.FinishedBlocks.Count + state.OpenBlock.Length;
        }

        AllowedHtml.Check(string.Concat(stream.Complete().FinishedBlocks));
        Assert.True(sent > 0);
    }

    private static int Rounds(string text) => text.Length > 2_000 ? 2 : 40;
}
