using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Syntax;

namespace ChatMvc.Completions.Rendering;

/// <summary>Ends a pipe table at the first line without a pipe.</summary>
/// <remarks>
/// Markdig gives up the whole table for such a line, or makes a heading of it when the line is a rule; models often write
/// on directly below one. It opens nothing: with the table closed the parsers after it see the line as after a blank one.
/// </remarks>
internal sealed class TextAfterTableParser : BlockParser
{
    // Markdig asks the parsers of a line's first character before those of any character, so there is one of each.
    private const string MarkerCharacters = "-*+_=>#`~0123456789";

    // Lines of a paragraph in which a delimiter row is looked for.
    private const int FarthestDelimiterRow = 50;

    public static TextAfterTableParser ForMarkers => new() { OpeningCharacters = MarkerCharacters.ToCharArray() };

    public static TextAfterTableParser ForText => new();

    public override bool CanInterrupt(BlockProcessor processor, Block block) => true;

    public override BlockState TryOpen(BlockProcessor processor)
    {
        if (processor.IsBlankLine || processor.Line.AsSpan().Contains('|')) return BlockState.None;
        if (processor.CurrentBlock is ParagraphBlock paragraph && IsTable(paragraph.Lines)) processor.Close(paragraph);
        return BlockState.None;
    }

    private static bool IsTable(StringLineGroup lines)
    {
        // The cheap question first: without it every line of a long paragraph would look through all before it.
        if (!HasPipe(lines.Lines[lines.Count - 1])) return false;

        for (var i = 1; i < Math.Min(lines.Count, FarthestDelimiterRow); i++)
            if (IsDelimiterRow(lines.Lines[i]) && HasPipe(lines.Lines[i - 1]))
                return true;
        return false;
    }

    private static bool HasPipe(StringLine line) => line.Slice.AsSpan().Contains('|');

    private static bool IsDelimiterRow(StringLine line)
    {
        var row = line.Slice.AsSpan();
        return row.Contains('-') && row.Contains('|') && !row.ContainsAnyExcept("|-: \t");
    }
}
