using Markdig.Extensions.Tables;
using Markdig.Syntax;

namespace ChatMvc.Completions.Rendering;

/// <summary>The block that text at the end would be added to.</summary>
/// <param name="Block">Null in an empty document.</param>
/// <param name="Table">The table it is a cell of.</param>
/// <param name="Before">The block beside it, before it.</param>
internal readonly record struct LastLeaf(LeafBlock? Block, Table? Table, Block? Before)
{
    public static LastLeaf Of(MarkdownDocument document)
    {
        Table? table = null;
        ContainerBlock container = document;
        while (container.LastChild is ContainerBlock inner)
        {
            table ??= inner as Table;
            container = inner;
        }

        var leaf = container.LastChild is LinkReferenceDefinitionGroup ? null : container.LastChild as LeafBlock;
        return new LastLeaf(leaf, table, container.Count > 1 ? container[^2] : null);
    }

    /// <summary>Whether it begins on the line that starts there, directly below a table.</summary>
    public bool FollowsTable(string text, int lineStart) =>
        Before is Table && Block is not null && Block.Span.Start >= lineStart && !BlankLine.IsLast(text.AsSpan(0, lineStart));
}
