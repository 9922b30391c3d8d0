using Markdig.Parsers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;

namespace ChatMvc.Completions.Rendering;

/// <summary>A formula on lines of its own.</summary>
internal sealed class FormulaBlock(BlockParser parser) : LeafBlock(parser)
{
    /// <summary>Behind its last delimiter, counted in the whole text.</summary>
    public required int End { get; init; }

    /// <summary>False where the list or quote around it ended before it did.</summary>
    public bool IsWhole { get; set; }
}

/// <summary>
/// Takes the lines of a formula before lists, quotes and headings can see a <c>-</c>, <c>&gt;</c> or <c>#</c> at their beginning.
/// It looks for the end first: without one the lines are Markdown like any other.
/// </summary>
internal sealed class FormulaBlockParser : BlockParser
{
    private static readonly object OpenAt = new();

    public FormulaBlockParser() => OpeningCharacters = ['\\', '$'];

    /// <summary>The start of the line from which on the text is a formula if its end still comes; null where there is none.</summary>
    public static int? PendingFrom(MarkdownDocument document, ReadOnlySpan<char> text) =>
        document.GetData(OpenAt) is int at ? text[..at].LastIndexOf('\n') + 1 : null;

    public override bool CanInterrupt(BlockProcessor processor, Block block) => true;

    public override BlockState TryOpen(BlockProcessor processor)
    {
        if (processor.IsCodeIndent) return BlockState.None;

        var text = processor.Line.Text.AsSpan();
        var at = processor.Line.Start;
        if (!FormulaSource.IsDisplay(text[at..])) return BlockState.None;

        var length = FormulaSource.LengthAt(text, at);
        if (length == FormulaSource.Undecided) processor.Document.SetData(OpenAt, at);
        if (length <= 0 || !EndsLine(text[(at + length)..]) || !StaysIn(processor.CurrentContainer, text.Slice(at, length))) return BlockState.None;

        var block = new FormulaBlock(this) { Column = processor.Column, Span = new SourceSpan(at, at + length - 1), End = at + length };
        processor.NewBlocks.Push(block);
        return Take(processor, block);
    }

    public override BlockState TryContinue(BlockProcessor processor, Block block) => Take(processor, (FormulaBlock)block);

    private static bool EndsLine(ReadOnlySpan<char> rest) => rest[..(rest.IndexOf('\n') is var end and >= 0 ? end : rest.Length)].IsWhiteSpace();

    // A line with less before it ends the list or the quote that the formula begins in.
    private static bool StaysIn(Block? container, ReadOnlySpan<char> source)
    {
        var indent = 0;
        var isQuoted = false;
        for (; container is not null; container = container.Parent)
        {
            if (!container.IsOpen) continue;
            if (container is ListItemBlock item) indent += Math.Abs(item.ColumnWidth);
            isQuoted |= container is QuoteBlock;
        }

        var isFirst = true;
        foreach (var line in source.EnumerateLines())
        {
            var words = line.TrimStart(" \t");
            if (!isFirst && (isQuoted ? !words.StartsWith('>') : line.Length - words.Length < indent && !line.StartsWith('\t'))) return false;
            isFirst = false;
        }

        return true;
    }

    private static BlockState Take(BlockProcessor processor, FormulaBlock block)
    {
        block.IsWhole = processor.Line.End + 1 >= block.End;
        return block.IsWhole ? BlockState.Break : BlockState.Continue;
    }
}

internal sealed class FormulaBlockRenderer : HtmlObjectRenderer<FormulaBlock>
{
    protected override void Write(HtmlRenderer renderer, FormulaBlock block)
    {
        var source = block.Lines.ToString().Trim();
        if (block.IsWhole) renderer.Write("<div class=\"math\">").WriteEscape(source).Write("</div>");
        else renderer.Write("<p class=\"plain\">").WriteEscape(source).Write("</p>");
    }
}
