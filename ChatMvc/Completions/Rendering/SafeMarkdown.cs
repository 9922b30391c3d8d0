using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ChatMvc.Completions.Rendering;

/// <summary>Markdown as people and models write it → HTML that may stand in our pages. Never throws; thread-safe.</summary>
/// <remarks>The way: cleaned text, Markdig without raw HTML and without attributes, then the allow-list on what came out.</remarks>
public static class SafeMarkdown
{
    /// <summary>Stored beside the HTML; raise it whenever the same text would now give other HTML.</summary>
    public const int Version = 4;

    /// <summary>UTF-16 units; longer text is shown as it was written.</summary>
    public const int LongestText = 200_000;

    /// <summary>Lines; 33,000 link definitions took Markdig 1.5 s, 5,000 take 40 ms.</summary>
    public const int MostLines = 5_000;

    // Characters that HTML escapes; AngleSharp takes half a microsecond for each.
    private const int MostEscapes = 50_000;

    // Levels of blocks and inlines together. Markdig itself throws at 128, but only after 70 ms of unwinding.
    private const int DeepestNesting = 64;

    /// <summary>Complete, balanced HTML without whitespace between its blocks; empty for blank text.</summary>
    public static string ToHtml(string markdown) => Render(MarkdownText.Clean(markdown));

    /// <summary>Same, for text that is clean already.</summary>
    internal static string Render(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) return "";
        return Parse(text) is { } document ? HtmlAllowList.Apply(document.ToHtml(MarkdownGrammar.Pipeline)) : Plain(text);
    }

    /// <summary>Null where the text is too long, too deep or too dear to parse.</summary>
    internal static MarkdownDocument? Parse(string text)
    {
        if (text.Length > LongestText || CountEscapes(text) > MostEscapes || !HasFewShallowLines(text)) return null;

        try
        {
            var document = Markdown.Parse(text, MarkdownGrammar.Pipeline);
            return IsShallow(document) ? document : null;
        }
        catch (ArgumentException)
        {
            // Markdig's own depth limit, met while parsing: 128 quotes or 64 lists inside each other.
            return null;
        }
    }

    private static string Plain(string text)
    {
        var html = new HtmlWriter(text.Length + 64);
        html.Open("p", "class", "plain", "dir", "auto");
        html.Text(text);
        html.Close("p");
        return html.ToString();
    }

    private static int CountEscapes(ReadOnlySpan<char> text) =>
        text.Count('<') + text.Count('>') + text.Count('&') + text.Count('"');

    // Markdig opens 10,000 quotes inside each other, for 230 ms, before it complains.
    private static bool HasFewShallowLines(ReadOnlySpan<char> text)
    {
        var lines = 0;
        foreach (var line in text.Split('\n'))
            if (++lines > MostLines || ContainersOpenedBy(text[line]) > DeepestNesting)
                return false;
        return true;
    }

    private static int ContainersOpenedBy(ReadOnlySpan<char> line)
    {
        var opened = 0;
        for (var i = 0; i < line.Length; i++)
        {
            var next = i + 1 < line.Length ? line[i + 1] : ' ';
            if (line[i] == '>' || (line[i] is '-' or '*' or '+' or '.' or ')' && next is ' ' or '\t')) opened++;
            else if (line[i] is not (' ' or '\t' or (>= '0' and <= '9') or '.' or ')')) break;
        }

        return opened;
    }

    // Iterative, because the renderer after it is recursive and this is what protects its stack.
    private static bool IsShallow(MarkdownDocument document)
    {
        var waiting = new Stack<(MarkdownObject Node, int Depth)>();
        waiting.Push((document, 0));
        while (waiting.TryPop(out var at))
        {
            if (at.Depth > DeepestNesting) return false;
            switch (at.Node)
            {
                case ContainerBlock container:
                    foreach (var child in container) waiting.Push((child, at.Depth + 1));
                    break;
                case LeafBlock { Inline: { } inlines }:
                    waiting.Push((inlines, at.Depth));
                    break;
                case ContainerInline container:
                    foreach (var child in container)
                        if (child is ContainerInline)
                            waiting.Push((child, at.Depth + 1));
                    break;
            }
        }

        return true;
    }
}
