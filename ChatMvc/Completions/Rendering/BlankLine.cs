namespace ChatMvc.Completions.Rendering;

internal static class BlankLine
{
    /// <summary>Whether the last whole line of the text holds white space only, or the marks of the quotes around it.</summary>
    public static bool IsLast(ReadOnlySpan<char> text)
    {
        var end = text.LastIndexOf('\n');
        if (end < 0) return false;

        var start = text[..end].LastIndexOf('\n') + 1;
        return text[start..end].Trim(" \t>").IsEmpty;
    }
}
