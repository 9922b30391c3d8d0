using Markdig.Parsers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ChatMvc.Completions.Rendering;

/// <summary>Keeps paragraphs from Markdig's inline parser whose delimiters would cost it too much; they are shown as written.</summary>
/// <remarks>
/// Markdig's inline work grows with the square of a paragraph's delimiters: 20,000 <c>[a](</c> take 2.9 s, 4,000 <c>*a</c> 75 ms,
/// 33,000 <c>www.a</c> 2.9 s; per delimiter squared that is 1 to 10 ns. A whole text therefore has a sum of squares to spend.
/// Counting happens between Markdig's block and inline phases, so that code blocks count nothing.
/// </remarks>
internal static class InlineBudget
{
    // Delimiters squared, over all paragraphs of a text: 1,400 in one paragraph, or 70 in each of 400.
    private const long Budget = 2_000_000;

    // Below this many delimiters a paragraph is free; 5,000 lines of 32 cost a millisecond or two.
    private const int Free = 32;

    // A row of Markdig's table has a cell per header cell, written or not: 6,000 columns x 6,000 one-cell rows gave 520 MB.
    private const int MostColumns = 200;
    private const int MostCells = 20_000;

    private static readonly object Left = new();

    /// <summary>To be called when a paragraph or heading is closed.</summary>
    public static void Spend(BlockProcessor processor, Block block)
    {
        if (block is not LeafBlock leaf) return;

        var tally = Count(leaf);
        var document = processor.Document;
        var left = document.GetData(Left) as long? ?? Budget;
        var cost = tally.Delimiters <= Free ? 0 : (long)tally.Delimiters * tally.Delimiters;
        if (cost > left || tally.Columns > MostColumns || (long)tally.Columns * leaf.Lines.Count > MostCells) LeaveAsWritten(leaf);
        else if (cost > 0) document.SetData(Left, left - cost);
    }

    private static (int Delimiters, int Columns) Count(LeafBlock leaf)
    {
        int delimiters = 0, pipes = 0, columns = 0;
        for (var i = 0; i < leaf.Lines.Count; i++)
        {
            var pipesHere = 0;
            var previous = ' ';
            foreach (var c in leaf.Lines.Lines[i].Slice.AsSpan())
            {
                if (c == '|') pipesHere++;
                else if (c is '[' or '`' or ':' || (c is '*' or '_' or '~' or 'w' && (c == 'w') == (c == previous))) delimiters++;
                previous = c;
            }

            pipes += pipesHere;
            columns = Math.Max(columns, pipesHere);
        }

        return (delimiters + pipes / 4, columns);
    }

    private static void LeaveAsWritten(LeafBlock leaf)
    {
        leaf.ProcessInlines = false;
        leaf.Inline = new ContainerInline().AppendChild(new LiteralInline(leaf.Lines.ToString()));
        leaf.GetAttributes().AddClass("plain");
    }
}
