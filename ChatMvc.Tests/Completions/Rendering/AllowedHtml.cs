using AngleSharp.Dom;

namespace ChatMvc.Tests.Completions.Rendering;

/// <summary>The allow-list said a second time, so that loosening it has to be said twice.</summary>
internal static class AllowedHtml
{
    private static readonly Dictionary<string, string[]> Attributes = new()
    {
        ["p"] = ["class=plain", "dir=auto"],
        ["h3"] = ["dir=auto"],
        ["h4"] = ["dir=auto"],
        ["h5"] = ["dir=auto"],
        ["h6"] = ["dir=auto"],
        ["blockquote"] = ["dir=auto"],
        ["ul"] = [],
        ["ol"] = ["start"],
        ["li"] = ["dir=auto"],
        ["em"] = [],
        ["strong"] = [],
        ["del"] = [],
        ["sup"] = [],
        ["code"] = [],
        ["figure"] = ["class=code"],
        ["figcaption"] = [],
        ["pre"] = ["tabindex=0"],
        ["br"] = [],
        ["hr"] = [],
        ["div"] = ["class=table", "tabindex=0", "role=group", "aria-label=Table", "class=math", "dir=ltr"],
        ["span"] = ["class=math", "class=math display", "dir=ltr"],
        ["table"] = [],
        ["thead"] = [],
        ["tbody"] = [],
        ["tr"] = [],
        ["th"] = ["dir=auto", "class=align-center", "class=align-right"],
        ["td"] = ["dir=auto", "class=align-center", "class=align-right"],
        ["a"] = ["href", "class=image-link", "target=_blank", "rel=nofollow noopener noreferrer ugc"],
        ["input"] = ["type=checkbox", "disabled=", "checked=", "aria-label=Done", "aria-label=To do"],
    };

    public static void Check(string html)
    {
        foreach (var element in Rendered.Body(html).QuerySelectorAll("*")) Check(element, html);
    }

    private static void Check(IElement element, string html)
    {
        Assert.True(Attributes.TryGetValue(element.LocalName, out var allowed), $"<{element.LocalName}> in {html}");
        Assert.Equal("http://www.w3.org/1999/xhtml", element.NamespaceUri);
        foreach (var attribute in element.Attributes)
            Assert.True(
                allowed.Contains(attribute.Name) || allowed.Contains($"{attribute.Name}={attribute.Value}"),
                $"{attribute.Name}={attribute.Value} on <{element.LocalName}> in {html}");

        if (element.LocalName == "a") CheckLink(element);
    }

    private static void CheckLink(IElement link)
    {
        var address = new Uri(link.GetAttribute("href")!, UriKind.Absolute);
        Assert.True(address.Scheme is "http" or "https" or "mailto", address.ToString());
        Assert.Equal("nofollow noopener noreferrer ugc", link.GetAttribute("rel"));
        Assert.Equal("_blank", link.GetAttribute("target"));
    }
}
