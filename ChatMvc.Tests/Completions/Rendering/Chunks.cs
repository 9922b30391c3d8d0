namespace ChatMvc.Tests.Completions.Rendering;

/// <summary>A text cut as streams cut it.</summary>
internal static class Chunks
{
    /// <summary>Pieces of 1 to 12 UTF-16 units, in long texts 60, also through surrogate pairs and line ends.</summary>
    public static IEnumerable<string> Of(string text, Random random)
    {
        var longest = text.Length > 2_000 ? 60 : 12;
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(random.Next(1, longest + 1), text.Length - at);
            yield return text.Substring(at, length);
            at += length;
        }
    }

    /// <summary>Each word with the white space before it.</summary>
    public static IEnumerable<string> Words(string text)
    {
        var start = 0;
        for (var i = 1; i < text.Length; i++)
        {
            if (!char.IsWhiteSpace(text[i]) || char.IsWhiteSpace(text[i - 1])) continue;
            yield return text[start..i];
            start = i;
        }

        yield return text[start..];
    }
}
