using System.Net;
using System.Text;

namespace ChatMvc.Completions.Rendering;

/// <summary>What can be read off our own rendered HTML without parsing it: every <c>&lt;</c> in it begins a tag, every tag is whole.</summary>
internal static class HtmlText
{
    /// <summary>Characters a reader sees, white space not counted, an entity as one.</summary>
    public static int Length(ReadOnlySpan<char> html)
    {
        var length = 0;
        for (var i = 0; i < html.Length; i++)
        {
            if (html[i] == '<') i += html[i..].IndexOf('>');
            else if (html[i] == '&') (i, length) = (i + html[i..].IndexOf(';'), length + 1);
            else if (!char.IsWhiteSpace(html[i])) length++;
        }

        return length;
    }

    /// <summary>The text, with a space where a tag of a block stood.</summary>
    public static string Of(string html)
    {
        var text = new StringBuilder(html.Length);
        for (var i = 0; i < html.Length; i++)
        {
            if (html[i] != '<')
            {
                text.Append(html[i]);
                continue;
            }

            var end = html.IndexOf('>', i);
            if (!IsInline(NameOf(html.AsSpan(i, end - i)))) text.Append(' ');
            i = end;
        }

        return WebUtility.HtmlDecode(text.ToString());
    }

    /// <summary>Without the closing tags it ends with: what may be followed by more of the same element.</summary>
    public static string WithoutLastClosingTags(string html)
    {
        var end = html.Length;
        while (end > 0 && html[end - 1] == '>' && html.LastIndexOf('<', end - 1) is var start && html[start + 1] == '/') end = start;
        return html[..end];
    }

    /// <summary>The closing tags that make it balanced.</summary>
    public static string MissingClosingTags(ReadOnlySpan<char> html)
    {
        var open = new Stack<string>();
        while (html.IndexOf('<') is var start and >= 0)
        {
            html = html[(start + 1)..];
            if (html[0] == '/') open.Pop();
            else if (NameOf(html) is var name && name is not ("br" or "hr" or "input")) open.Push(name.ToString());
            html = html[(html.IndexOf('>') + 1)..];
        }

        return string.Concat(open.Select(name => $"</{name}>"));
    }

    private static ReadOnlySpan<char> NameOf(ReadOnlySpan<char> tag)
    {
        tag = tag.TrimStart("</");
        var end = tag.IndexOfAny(' ', '>');
        return end < 0 ? tag : tag[..end];
    }

    private static bool IsInline(ReadOnlySpan<char> name) => name is "a" or "em" or "strong" or "del" or "code" or "span";
}
