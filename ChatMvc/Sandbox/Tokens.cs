namespace ChatMvc.Sandbox;

/// <summary>
/// The sandbox's idea of a token: about a word with the space before it. Tokens joined are the text, to the character.
/// </summary>
internal static class Tokens
{
    // Longer words and runs of spaces are several tokens, as with a real tokenizer.
    private const int MaxCharacters = 12;

    /// <summary>The length in characters of the first token of a text that is not empty.</summary>
    public static int First(ReadOnlySpan<char> text)
    {
        var end = 0;
        while (end < text.Length && end < MaxCharacters && char.IsWhiteSpace(text[end]))
            end++;
        var word = end;
        while (end < text.Length && end - word < MaxCharacters && !char.IsWhiteSpace(text[end]))
            end++;
        // Half a surrogate pair is not a character; the wire is UTF-8.
        return end < text.Length && char.IsHighSurrogate(text[end - 1]) && char.IsLowSurrogate(text[end]) ? end + 1 : end;
    }

    public static int Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (; text.Length > 0; count++)
            text = text[First(text)..];
        return count;
    }

    /// <summary>The text's first tokens.</summary>
    public static ReadOnlySpan<char> Take(ReadOnlySpan<char> text, int count)
    {
        var end = 0;
        for (; count > 0 && end < text.Length; count--)
            end += First(text[end..]);
        return text[..end];
    }
}
