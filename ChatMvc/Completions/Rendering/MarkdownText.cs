using System.Buffers;
using System.Text;

namespace ChatMvc.Completions.Rendering;

/// <summary>Text as it came → text that every later step can take: <c>\n</c> only, no control characters, no half surrogate pairs.</summary>
internal static class MarkdownText
{
    private const char Replacement = '\uFFFD';

    private static readonly SearchValues<char> Suspicious = SearchValues.Create(
        [.. from code in Enumerable.Range(0, 0x10000)
            let c = (char)code
            where char.IsSurrogate(c) || (char.IsControl(c) && c is not ('\t' or '\n'))
            select c]);

    public static string Clean(string text)
    {
        var first = text.AsSpan().IndexOfAny(Suspicious);
        return first < 0 ? text : Clean(text, first);
    }

    private static string Clean(string text, int from)
    {
        var clean = new StringBuilder(text.Length).Append(text, 0, from);
        for (var i = from; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\r')
            {
                if (i + 1 >= text.Length || text[i + 1] != '\n') clean.Append('\n');
            }
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                clean.Append(c).Append(text[++i]);
            }
            else
            {
                clean.Append(Suspicious.Contains(c) ? Replacement : c);
            }
        }

        return clean.ToString();
    }
}
