using System.Text;

namespace ChatMvc.Completions.Rendering;

/// <summary>Turns the states of a running answer into pieces of one HTML document that can only be appended to.</summary>
/// <remarks>For the page that is sent while it is written, to browsers without scripts. Not thread-safe; one for each response.</remarks>
public sealed class HtmlPrefixWriter
{
    // Everything sent; its size is the answer's.
    private readonly StringBuilder sent = new();

    // Where in it the block begins that is not finished, and how many blocks are.
    private int blockStart;
    private int finishedBlocks;

    /// <summary>The HTML to append now, possibly empty: whole tags and whole entities only.</summary>
    public string Next(StreamedMarkdown state)
    {
        var from = sent.Length;
        for (; finishedBlocks < state.FinishedBlocks.Count; finishedBlocks++) FinishBlock(state.FinishedBlocks[finishedBlocks]);
        SendOpenBlock(state.OpenBlock);
        return sent.ToString(from, sent.Length - from);
    }

    /// <summary>The rest of the finished answer, with everything closed.</summary>
    /// <param name="finalHtml">What <see cref="SafeMarkdown.ToHtml"/> gave for the whole answer.</param>
    public string Finish(string finalHtml)
    {
        var from = sent.Length;
        blockStart = 0;
        FinishBlock(finalHtml);
        return sent.ToString(from, sent.Length - from);
    }

    /// <summary>Closes what is open, of an answer whose rest is not sent here.</summary>
    public string Abandon() => HtmlText.MissingClosingTags(SentOfBlock);

    private string SentOfBlock => sent.ToString(blockStart, sent.Length - blockStart);

    private void FinishBlock(string block)
    {
        var already = SentOfBlock;
        if (block.StartsWith(already, StringComparison.Ordinal))
        {
            sent.Append(block, already.Length, block.Length - already.Length);
            blockStart = sent.Length;
        }
        else if (already.StartsWith(block, StringComparison.Ordinal))
        {
            // What was open held the beginning of the next block too.
            blockStart += block.Length;
        }
        else
        {
            Continue(already, block);
            blockStart = sent.Length;
        }
    }

    private void SendOpenBlock(string block)
    {
        var already = SentOfBlock;
        var sendable = HtmlText.WithoutLastClosingTags(block);
        if (sendable.StartsWith(already, StringComparison.Ordinal)) sent.Append(sendable, already.Length, sendable.Length - already.Length);
    }

    // The block became something else than was sent, for instance a heading by the line below it: its words still follow.
    private void Continue(string already, string block)
    {
        var rest = MissingText.After(HtmlText.Of(already), HtmlText.Of(block));
        sent.Append(HtmlText.MissingClosingTags(already));
        if (rest.Length == 0) return;

        var html = new HtmlWriter(rest.Length + 64);
        html.Open("div", "class", "continued", "dir", "auto");
        html.Text(rest);
        html.Close("div");
        sent.Append(html);
    }
}
