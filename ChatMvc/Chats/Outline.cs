using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ChatMvc.Chats;

/// <summary>The way through a long answer: its headings, and the same text with an id on each of them.</summary>
/// <param name="Headings">Empty for an answer that is seen at a glance.</param>
/// <param name="Html">Safe HTML.</param>
public sealed partial record Outline(IReadOnlyList<OutlineHeading> Headings, string Html)
{
    private const int FewestHeadings = 4;
    private const int MostHeadings = 80;

    /// <param name="html">As the renderer writes it: its headings are h3 to h6 and have no id.</param>
    /// <param name="elementId">The article's, which makes theirs unique on the page.</param>
    public static Outline Of(string html, string elementId)
    {
        var found = Heading().Matches(html);
        if (found.Count < FewestHeadings) return new([], html);
        var (headings, text, end) = (new List<OutlineHeading>(), new StringBuilder(html.Length + found.Count * 16), 0);
        foreach (Match heading in found.Take(MostHeadings))
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{elementId}-{headings.Count + 1}");
            headings.Add(new(id, heading.Groups["level"].ValueSpan[0] - '0', Tag().Replace(heading.Groups["words"].Value, "")));
            text.Append(html, end, heading.Index - end).Append("<h").Append(heading.Groups["level"].ValueSpan).Append(" id=\"").Append(id).Append('"');
            end = heading.Groups["rest"].Index;
        }
        return new(headings, text.Append(html, end, html.Length - end).ToString());
    }

    [GeneratedRegex("<h(?<level>[3-6])(?<rest> dir=\"auto\">(?<words>.*?)</h\\k<level>>)", RegexOptions.Singleline)]
    private static partial Regex Heading();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}

/// <param name="Id">Of the element.</param>
/// <param name="Level">3 to 6.</param>
/// <param name="Html">Its words, encoded, without any element.</param>
public sealed record OutlineHeading(string Id, int Level, string Html);
