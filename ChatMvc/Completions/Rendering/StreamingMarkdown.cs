using System.Text;

namespace ChatMvc.Completions.Rendering;

/// <summary>One running answer, rendered while it arrives. Not thread-safe; what it returns is immutable.</summary>
/// <remarks>
/// Blocks that no later text can change are rendered once and left behind, so the cost is that of the open block.
/// Visible text never becomes shorter before <see cref="Complete"/>.
/// A link definition is known in its own block only; <see cref="SafeMarkdown.ToHtml"/> of the whole text knows it everywhere.
/// </remarks>
public sealed class StreamingMarkdown
{
    // UTF-16 units. From here on an open block is rendered again only when it has grown by a 64th,
    // which keeps the sum over a block of any size linear.
    private const int LongBlock = 4_096;
    private const int LongBlockSteps = 64;

    private readonly StringBuilder open = new();
    private readonly AppendOnlyList finished = new();
    private string carried = "";
    private int linesSearchedTo;
    private int renderedTo;
    private int finishedLength;
    private int shownLength;
    private bool complete;
    private StreamedMarkdown shown = StreamedMarkdown.Empty;

    /// <param name="delta">Any piece of the answer, however it was cut.</param>
    public void Append(string delta)
    {
        if (complete) throw new InvalidOperationException("The answer is complete.");

        var text = carried + delta;
        // Half of a surrogate pair, or of a line end, waits for the other.
        carried = text.Length > 0 && (text[^1] == '\r' || char.IsHighSurrogate(text[^1])) ? text[^1..] : "";
        open.Append(MarkdownText.Clean(text[..^carried.Length]));
    }

    /// <summary>What is to be shown now.</summary>
    public StreamedMarkdown Render()
    {
        if (complete || open.Length - renderedTo < SmallestStep) return shown;

        FinishBlocks();
        renderedTo = open.Length;
        return Show(SafeMarkdown.Render(OpenBlock.Settled(open.ToString())));
    }

    /// <summary>Finishes the open block too; nothing can be appended any more.</summary>
    public StreamedMarkdown Complete()
    {
        if (complete) return shown;

        open.Append(MarkdownText.Clean(carried));
        complete = true;
        Finish(BlockBoundaries.Of(open.ToString(), atEnd: true));
        return shown = new StreamedMarkdown(finished.Snapshot(), "");
    }

    private int SmallestStep => open.Length < LongBlock ? 1 : open.Length / LongBlockSteps;

    // Only whole lines decide: half a line may still become another kind of block.
    private void FinishBlocks()
    {
        var text = open.ToString();
        var whole = text.LastIndexOf('\n') + 1;
        if (whole == linesSearchedTo) return;

        linesSearchedTo = whole;
        Finish(BlockBoundaries.Of(text[..whole], atEnd: false));
    }

    /// <param name="ends">Ascending ends of the blocks that are finished, counted in the open text.</param>
    private void Finish(List<int> ends)
    {
        if (ends.Count == 0) return;

        var text = open.ToString();
        var start = 0;
        foreach (var end in ends)
        {
            var html = SafeMarkdown.Render(text[start..end]);
            start = end;
            if (html.Length == 0) continue;
            finished.Add(html);
            finishedLength += HtmlText.Length(html);
        }

        open.Remove(0, start);
        linesSearchedTo -= start;
    }

    // The net under OpenBlock: whatever it judged wrongly, a reader sees the former state until the new one has more to read.
    private StreamedMarkdown Show(string openHtml)
    {
        var length = finishedLength + HtmlText.Length(openHtml);
        if (length < shownLength) return shown;

        shownLength = length;
        return shown = new StreamedMarkdown(finished.Snapshot(), openHtml);
    }

    /// <summary>Snapshots share the array, whose first items never change.</summary>
    private sealed class AppendOnlyList
    {
        private string[] items = [];
        private int count;

        public void Add(string item)
        {
            if (count == items.Length) Array.Resize(ref items, Math.Max(8, count * 2));
            items[count++] = item;
        }

        public ArraySegment<string> Snapshot() => new(items, 0, count);
    }
}
