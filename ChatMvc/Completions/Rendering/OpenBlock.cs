using System.Buffers;
using Markdig.Syntax;

namespace ChatMvc.Completions.Rendering;

/// <summary>How much of an open block's text can be shown without later text changing what is shown.</summary>
internal static class OpenBlock
{
    // Each round takes something off the end; three suffice in practice, and StreamingMarkdown has a net below.
    private const int MostRounds = 5;

    private static readonly SearchValues<char> Markers = SearchValues.Create(" \t>#-+*_=~`|:.)0123456789[]xX\\");

    /// <summary>The text without what has to wait at its end.</summary>
    public static string Settled(string text)
    {
        for (var round = 0; round < MostRounds && text.Length > 0; round++)
        {
            if (SafeMarkdown.Parse(text) is not { } document) return text;

            var end = FormulaBlockParser.PendingFrom(document, text) ?? SettledEnd(text, LastLeaf.Of(document));
            if (end == text.Length) return text;
            text = text[..end];
        }

        return text;
    }

    private static int SettledEnd(string text, LastLeaf leaf)
    {
        var lineStart = text.LastIndexOf('\n') + 1;
        var line = text.AsSpan(lineStart);

        if (leaf.Block is FencedCodeBlock code && code.Span.Start < lineStart)
            return MayCloseFence(line.Trim(" \t>")) ? lineStart : text.Length;
        if (leaf.Block is FormulaBlock formula) return SettledEndOf(formula, text);
        if (IsMarkers(line) || OpensFence(line)) return lineStart;
        // A row is known by its end: without a pipe it would be text below the table.
        if (leaf.Table is not null || leaf.FollowsTable(text, lineStart)) return lineStart;
        // Code and paragraphs left as written have no inlines to wait for.
        if (leaf.Block is null or { ProcessInlines: false } || IsEnded(text, leaf.Block)) return text.Length;
        return PendingInlines.Start(text, leaf.Block.Span.Start, mayBeTable: leaf.Block is ParagraphBlock);
    }

    // What follows it on its last line would make a part of a sentence of it.
    private static int SettledEndOf(FormulaBlock formula, string text) =>
        text.IndexOf('\n', Math.Min(formula.End, text.Length)) >= 0 ? text.Length : text.LastIndexOf('\n', formula.Span.Start) + 1;

    private static bool IsEnded(string text, Block leaf) => leaf switch
    {
        ParagraphBlock => BlankLine.IsLast(text.AsSpan(leaf.Span.Start)),
        _ => text.AsSpan(leaf.Span.Start).Contains('\n'),
    };

    private static bool MayCloseFence(ReadOnlySpan<char> line) =>
        line.Length > 0 && (!line.ContainsAnyExcept('`') || !line.ContainsAnyExcept('~'));

    private static bool OpensFence(ReadOnlySpan<char> line) =>
        line.TrimStart("-+*0123456789.) \t>") is var rest && (rest.StartsWith("```") || rest.StartsWith("~~~"));

    // Headings, list items, tasks, rules, underlines, fences, delimiter rows, or the beginning of one.
    private static bool IsMarkers(ReadOnlySpan<char> line) =>
        !line.IsWhiteSpace() && !line.ContainsAnyExcept(Markers);
}
