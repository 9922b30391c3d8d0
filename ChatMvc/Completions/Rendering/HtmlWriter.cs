using System.Text;

namespace ChatMvc.Completions.Rendering;

/// <summary>Writes tags as they are named and everything else escaped.</summary>
internal sealed class HtmlWriter(int capacity)
{
    private readonly StringBuilder html = new(capacity);

    /// <param name="attributes">Names and values in turn; a pair whose value is null is left out.</param>
    public void Open(string tag, params ReadOnlySpan<string?> attributes)
    {
        html.Append('<').Append(tag);
        for (var i = 0; i + 1 < attributes.Length; i += 2)
        {
            if (attributes[i + 1] is not { } value) continue;
            html.Append(' ').Append(attributes[i]);
            if (value.Length == 0) continue;
            html.Append("=\"");
            Text(value);
            html.Append('"');
        }

        html.Append('>');
    }

    public void Close(string tag) => html.Append("</").Append(tag).Append('>');

    public void Text(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAny("&<>\"") is var at and >= 0)
        {
            html.Append(text[..at]).Append(text[at] switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                _ => "&quot;",
            });
            text = text[(at + 1)..];
        }

        html.Append(text);
    }

    public override string ToString() => html.ToString();
}
