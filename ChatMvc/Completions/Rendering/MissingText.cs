namespace ChatMvc.Completions.Rendering;

/// <summary>What of a text is still to be read by somebody who has read the beginning of an earlier version of it.</summary>
internal static class MissingText
{
    // Characters, white space not counted: the longest and shortest last words looked for, and how much earlier
    // than before they may stand because delimiters in front of them have gone.
    private const int LongestAnchor = 32;
    private const int ShortestAnchor = 8;
    private const int Slack = 64;

    /// <summary>
    /// White space does not matter. If the earlier version is no beginning of the text, reading goes on after the place
    /// where its last words occur, or else where the two begin to differ: rather twice than not at all.
    /// </summary>
    public static string After(string read, string text)
    {
        var known = Squeeze(read);
        var all = Squeeze(text);
        var common = known.AsSpan().CommonPrefixLength(all);
        if (common < known.Length && AfterLastWords(known, all) is { } found) common = Math.Max(common, found);
        return text[PositionAfter(text, common)..].Trim();
    }

    private static int? AfterLastWords(string known, string all)
    {
        for (var length = LongestAnchor; length >= ShortestAnchor; length /= 2)
        {
            var from = known.Length - length - Slack;
            if (length > known.Length || from > all.Length) continue;

            var found = all.IndexOf(known[^length..], Math.Max(0, from), StringComparison.Ordinal);
            if (found >= 0) return found + length;
        }

        return null;
    }

    private static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    private static int PositionAfter(string text, int count)
    {
        var position = 0;
        for (; count > 0; position++)
            if (!char.IsWhiteSpace(text[position]))
                count--;
        return position;
    }
}
