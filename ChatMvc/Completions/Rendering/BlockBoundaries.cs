using Markdig.Extensions.Tables;
using Markdig.Syntax;

namespace ChatMvc.Completions.Rendering;

/// <summary>Where the top-level blocks of a text end, as far as that cannot change any more.</summary>
internal static class BlockBoundaries
{
    /// <summary>Ascending positions, each at the start of a line or at the end of the text.</summary>
    /// <param name="text">Whole lines, beginning at the start of a block.</param>
    /// <param name="atEnd">Nothing follows, so the last block ends too.</param>
    public static List<int> Of(string text, bool atEnd)
    {
        var document = SafeMarkdown.Parse(text);
        var ends = new List<int>();
        Block? last = null;
        foreach (var block in Blocks(document))
        {
            if (last is not null) ends.Add(text.LastIndexOf('\n', block.Span.Start) + 1);
            last = block;
        }

        if (text.Length > 0 && (atEnd || IsClosed(last, text))) ends.Add(text.Length);
        if (!atEnd && document is not null && FormulaBlockParser.PendingFrom(document, text) is { } pending) ends.RemoveAll(end => end > pending);
        return ends;
    }

    // The group stands first, wherever the definitions were; their text goes with a neighbour's.
    private static IEnumerable<Block> Blocks(MarkdownDocument? document) =>
        document?.Where(block => block is not LinkReferenceDefinitionGroup) ?? [];

    private static bool IsClosed(Block? block, string text) => block switch
    {
        HeadingBlock or ThematicBreakBlock or FormulaBlock { IsWhole: true } => true,
        FencedCodeBlock code => code.ClosingFencedCharCount > 0,
        ParagraphBlock or Table => BlankLine.IsLast(text),
        _ => false,
    };
}
