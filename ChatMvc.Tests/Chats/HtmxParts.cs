using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace ChatMvc.Tests.Chats;

/// <summary>Puts the parts of an answer or an event into a page, as htmx 4 and its upsert extension do in a browser.</summary>
public static partial class HtmxParts
{
    /// <summary>Applies every <c>hx-partial</c> and returns the targets that the page does not have.</summary>
    public static List<string> Apply(IHtmlDocument page, string html)
    {
        var missed = new List<string>();
        foreach (var part in PartsOf(html))
        {
            var target = part.GetAttribute("hx-target") ?? throw new InvalidOperationException($"A part without a target: {part.OuterHtml}");
            if (page.QuerySelector(target) is { } place) Swap(page, place, part.GetAttribute("hx-swap"), part.Content);
            else missed.Add(target);
        }
        return missed;
    }

    /// <summary>The parts, as htmx makes templates of them before the browser reads the HTML.</summary>
    public static IEnumerable<IHtmlTemplateElement> PartsOf(string html)
    {
        var templates = CloseTag().Replace(OpenTag().Replace(html, "<template hx type=\"$1\"$2"), "</template>");
        var whole = new HtmlParser().ParseDocument($"<template>{templates}</template>");
        return whole.QuerySelector<IHtmlTemplateElement>("template")!.Content.ChildNodes.OfType<IHtmlTemplateElement>();
    }

    private static void Swap(IHtmlDocument page, IElement target, string? swap, IDocumentFragment content)
    {
        switch (swap)
        {
            case "innerHTML":
                target.InnerHtml = "";
                target.Append([.. content.ChildNodes]);
                break;
            case "outerHTML": target.Replace([.. content.ChildNodes]); break;
            case "beforebegin": target.Before([.. content.ChildNodes]); break;
            case "delete": target.Remove(); break;
            case "upsert": Upsert(page, target, content); break;
            default: throw new InvalidOperationException($"No swap is called {swap}.");
        }
    }

    // One that is there is replaced where it stands; a new one goes before the first with a greater id, numbers as numbers.
    private static void Upsert(IHtmlDocument page, IElement target, IDocumentFragment content)
    {
        foreach (var element in content.Children.ToList())
        {
            if (page.GetElementById(element.Id!) is { } existing) existing.Replace(element);
            else if (target.Children.FirstOrDefault(c => c.Id is { Length: > 0 } && NumberOf(element) < NumberOf(c)) is { } later) later.Before(element);
            else target.Append(element);
        }
    }

    private static long NumberOf(IElement article) => long.Parse(article.Id!["m-".Length..]);

    [GeneratedRegex(@"<hx-([a-z]+)(\s+|>)", RegexOptions.IgnoreCase)]
    private static partial Regex OpenTag();

    [GeneratedRegex("</hx-[a-z]+>", RegexOptions.IgnoreCase)]
    private static partial Regex CloseTag();
}
