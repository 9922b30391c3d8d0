using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace ChatMvc.Tests.Completions.Rendering;

/// <summary>HTML as a browser would see it.</summary>
internal static class Rendered
{
    public static IElement Body(string html) => new HtmlParser().ParseDocument(html).Body!;

    /// <summary>Whether every tag is closed in order, without help from a parser.</summary>
    public static bool IsBalanced(string html)
    {
        var open = new Stack<string>();
        foreach (Match tag in Regex.Matches(html, "<(/?)([a-z0-9]+)[^>]*>"))
        {
            var name = tag.Groups[2].Value;
            if (tag.Groups[1].Length > 0)
            {
                if (!open.TryPop(out var opened) || opened != name) return false;
            }
            else if (name is not ("br" or "hr" or "input"))
            {
                open.Push(name);
            }
        }

        return open.Count == 0;
    }

    /// <summary>The visible text without any white space.</summary>
    public static string Text(string html) => string.Concat(Body(html).TextContent.Where(c => !char.IsWhiteSpace(c)));
}
