using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ChatMvc.Completions.Rendering;

/// <summary>The number of a footnote, as <c>[^1]</c> in a sentence and before the note itself.</summary>
internal sealed class NoteMark : LeafInline
{
    public required string Label { get; init; }
}

/// <summary>
/// Reads the number of a footnote and raises it. The note stays where it was written and nothing links to it: whatever its
/// end brings, what was streamed of an answer stays right, and no two messages of a page have the same id.
/// </summary>
internal sealed class NoteMarkParser : InlineParser
{
    private const int LongestLabel = 20;

    public NoteMarkParser() => OpeningCharacters = ['['];

    public override bool Match(InlineProcessor processor, ref StringSlice slice)
    {
        if (LengthAt(slice) is not { } length) return false;
        processor.Inline = new NoteMark { Label = slice.Text.Substring(slice.Start + 2, length - 3) };
        slice.Start += length;
        return true;
    }

    /// <summary>Of the mark that a text begins with, brackets and all; null where it begins with none.</summary>
    public static int? LengthAt(StringSlice text)
    {
        if (text.CurrentChar != '[' || text.PeekChar() != '^') return null;
        var length = 2;
        while (length <= LongestLabel + 2 && IsOfLabel(text.PeekChar(length))) length++;
        return length is > 2 and <= LongestLabel + 2 && text.PeekChar(length) == ']' ? length + 1 : null;
    }

    private static bool IsOfLabel(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
}

/// <summary>
/// Makes a paragraph of each note, which is a line that begins with its number and a colon. CommonMark would take some of
/// them for the address of a link and show nothing.
/// </summary>
internal sealed class NoteParser : BlockParser
{
    public NoteParser() => OpeningCharacters = ['['];

    public override bool CanInterrupt(BlockProcessor processor, Block block) => true;

    public override BlockState TryOpen(BlockProcessor processor)
    {
        if (processor.IsCodeIndent || NoteMarkParser.LengthAt(processor.Line) is not { } length || processor.PeekChar(length) != ':') return BlockState.None;
        processor.NewBlocks.Push(new ParagraphBlock(this) { Column = processor.Column, Span = new SourceSpan(processor.Line.Start, processor.Line.End) });
        return BlockState.Continue;
    }
}

internal sealed class NoteMarkRenderer : HtmlObjectRenderer<NoteMark>
{
    protected override void Write(HtmlRenderer renderer, NoteMark mark) => renderer.Write("<sup>").WriteEscape(mark.Label).Write("</sup>");
}
