namespace ChatMvc.Completions.Rendering;

/// <summary>What is to be shown of a running answer. Each piece is balanced HTML; their concatenation is the answer so far.</summary>
/// <param name="FinishedBlocks">Grows at its end only; stays as it was when more is appended to the answer.</param>
/// <param name="OpenBlock">The part that may still change, possibly empty.</param>
public sealed record StreamedMarkdown(IReadOnlyList<string> FinishedBlocks, string OpenBlock)
{
    public static readonly StreamedMarkdown Empty = new([], "");
}
