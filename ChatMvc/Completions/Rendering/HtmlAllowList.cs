using System.Buffers;
using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace ChatMvc.Completions.Rendering;

/// <summary>
/// Writes HTML anew from its parsed tree: only the elements, attributes and URL schemes named here can come out,
/// everything else leaves its text. It also gives the elements the shape our pages want.
/// </summary>
internal sealed class HtmlAllowList
{
    // A page has its h1 and h2; an answer's headings stand below them.
    private const int HeadingShift = 2;

    private const string ParagraphStart = "<p>";
    private const string ParagraphEnd = "</p>\n";
    private static readonly SearchValues<char> NotBare = SearchValues.Create("<>&\"\0\r");

    private readonly HtmlWriter html;
    private bool insideLink;

    private HtmlAllowList(int capacity) => html = new HtmlWriter(capacity);

    public static string Apply(string unsafeHtml)
    {
        if (IsBareParagraph(unsafeHtml)) return BareParagraph(unsafeHtml.AsSpan()[ParagraphStart.Length..^ParagraphEnd.Length]);
        using var document = new HtmlParser().ParseDocument(unsafeHtml);
        var list = new HtmlAllowList(unsafeHtml.Length + unsafeHtml.Length / 4);
        if (document.Body is { } body) list.Children(body, betweenBlocks: true);
        return list.html.ToString();
    }

    // What most of a running answer is, twenty times a second: text without anything that a parser could find in it.
    private static bool IsBareParagraph(string html) =>
        html.StartsWith(ParagraphStart, StringComparison.Ordinal) && html.EndsWith(ParagraphEnd, StringComparison.Ordinal)
        && html.AsSpan()[ParagraphStart.Length..^ParagraphEnd.Length].IndexOfAny(NotBare) < 0;

    private static string BareParagraph(ReadOnlySpan<char> text) => $"<p dir=\"auto\">{text}</p>";

    private void Children(INode parent, bool betweenBlocks = false)
    {
        // By index: AngleSharp finds a node's sibling by searching its parent for the node.
        var children = parent.ChildNodes;
        for (var i = 0; i < children.Length; i++) Child(children[i], betweenBlocks);
    }

    private void Child(INode child, bool betweenBlocks)
    {
        if (child is IElement element) Element(element);
        else if (child is IText text && !(betweenBlocks && string.IsNullOrWhiteSpace(text.Data))) html.Text(text.Data);
    }

    private void Element(IElement element)
    {
        switch (element.LocalName)
        {
            case "p": Paragraph(element); break;
            case ['h', >= '1' and <= '6' and var level]: Heading(element, level - '0'); break;
            case "blockquote": Around("blockquote", element, betweenBlocks: true, "dir", "auto"); break;
            case "ul": Around("ul", element, betweenBlocks: true); break;
            case "ol": Around("ol", element, betweenBlocks: true, "start", FirstNumber(element)); break;
            case "li": ListItem(element); break;
            case "em" or "strong" or "del" or "code" or "sup": Around(element.LocalName, element, betweenBlocks: false); break;
            case "pre": CodeBlock(element); break;
            case "div" when element.ClassName == "math": Around("div", element, betweenBlocks: false, "class", "math", "dir", "ltr", "tabindex", "0"); break;
            case "span" when element.ClassName is "math" or "math display": Around("span", element, betweenBlocks: false, "class", element.ClassName, "dir", "ltr"); break;
            case "br" or "hr": html.Open(element.LocalName); break;
            case "table": Table(element); break;
            case "thead" or "tbody" or "tr": Around(element.LocalName, element, betweenBlocks: true); break;
            case "th" or "td": Around(element.LocalName, element, betweenBlocks: false, "dir", "auto", "class", Alignment(element)); break;
            case "a": Link(element); break;
            case "img": Image(element); break;
            case "input": CheckBox(element); break;
            default: Children(element); break;
        }
    }

    private void Around(string tag, IElement element, bool betweenBlocks, params ReadOnlySpan<string?> attributes)
    {
        html.Open(tag, attributes);
        Children(element, betweenBlocks);
        html.Close(tag);
    }

    private void Paragraph(IElement element)
    {
        Around("p", element, betweenBlocks: false, "class", IsPlain(element) ? "plain" : null, "dir", "auto");
    }

    private static bool IsPlain(IElement paragraph) => paragraph.ClassName == "plain";

    // The first paragraph of an item stands without tags, in tight and loose lists alike.
    private void ListItem(IElement item)
    {
        html.Open("li", "dir", "auto");
        var children = item.ChildNodes;
        var first = true;
        for (var i = 0; i < children.Length; i++)
        {
            if (first && children[i] is IElement { LocalName: "p" } paragraph && !IsPlain(paragraph)) Children(paragraph);
            else Child(children[i], betweenBlocks: true);
            first &= children[i] is not IElement;
        }

        html.Close("li");
    }

    private void Heading(IElement element, int level)
    {
        var tag = Math.Min(level + HeadingShift, 6) switch { 3 => "h3", 4 => "h4", 5 => "h5", _ => "h6" };
        Around(tag, element, betweenBlocks: false, "dir", "auto");
    }

    private static string? FirstNumber(IElement list) =>
        int.TryParse(list.GetAttribute("start"), NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            ? start.ToString(CultureInfo.InvariantCulture)
            : null;

    private void CodeBlock(IElement pre)
    {
        html.Open("figure", "class", "code");
        if (CodeLanguage.Of(pre.FirstElementChild?.ClassName) is { } language)
        {
            html.Open("figcaption");
            html.Text(language);
            html.Close("figcaption");
        }

        html.Open("pre", "tabindex", "0");
        html.Open("code");
        html.Text(WithoutLastLineEnd(pre.TextContent));
        html.Close("code");
        html.Close("pre");
        html.Close("figure");
    }

    // Markdig ends the last line even while it is still being written; the next character would then stand below it.
    private static string WithoutLastLineEnd(string code) => code.EndsWith('\n') ? code[..^1] : code;

    private void Table(IElement table)
    {
        html.Open("div", "class", "table", "tabindex", "0", "role", "group", "aria-label", "Table");
        Around("table", table, betweenBlocks: true);
        html.Close("div");
    }

    private static string? Alignment(IElement cell) => cell.GetAttribute("style") switch
    {
        "text-align: center;" => "align-center",
        "text-align: right;" => "align-right",
        _ => null,
    };

    private void Link(IElement element)
    {
        if (insideLink || LinkAddress.Allowed(element.GetAttribute("href")) is not { } address)
        {
            Children(element);
            return;
        }

        OpenLink(address, kind: null);
        insideLink = true;
        if (element.HasChildNodes) Children(element);
        else html.Text(address);
        insideLink = false;
        html.Close("a");
    }

    // Loading it would tell its server who reads, and let an answer carry words of the chat away in its address.
    private void Image(IElement element)
    {
        var address = LinkAddress.Allowed(element.GetAttribute("src"));
        var alternative = element.GetAttribute("alt");
        var words = string.IsNullOrWhiteSpace(alternative) ? address : alternative;
        if (insideLink || address is null)
        {
            html.Text(words);
            return;
        }

        OpenLink(address, kind: "image-link");
        html.Text(words);
        html.Close("a");
    }

    private void OpenLink(string address, string? kind) =>
        html.Open("a", "href", address, "class", kind, "target", "_blank", "rel", "nofollow noopener noreferrer ugc");

    private void CheckBox(IElement element)
    {
        if (element.GetAttribute("type") != "checkbox") return;

        var isChecked = element.HasAttribute("checked");
        html.Open("input", "type", "checkbox", "disabled", "", "checked", isChecked ? "" : null, "aria-label", isChecked ? "Done" : "To do");
    }
}
