using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ChatMvc.Completions.Rendering;

namespace ChatMvc.Operators.Handbook;

/// <summary>The operator's handbook that lies beside the program, read once.</summary>
public sealed partial class HandbookText
{
    public const string Page = "/ops/handbook";
    private readonly Lazy<(string? Html, IReadOnlyList<(string Id, string Title)> Chapters)> text = new(Read);

    /// <summary>Null where it does not lie there.</summary>
    public string? Html => text.Value.Html;

    public IReadOnlyList<(string Id, string Title)> Chapters => text.Value.Chapters;

    /// <summary>The first chapter whose title has a word; else its beginning.</summary>
    public string UrlOf(string word) => Chapters.FirstOrDefault(c => c.Title.Contains(word, StringComparison.OrdinalIgnoreCase)).Id is { } id ? $"{Page}#{id}" : Page;

    private static (string?, IReadOnlyList<(string, string)>) Read()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "handbook.md");
        if (!File.Exists(file)) return (null, []);
        var chapters = new List<(string, string)>();
        var html = Heading().Replace(SafeMarkdown.ToHtml(File.ReadAllText(file)), heading =>
        {
            var title = WebUtility.HtmlDecode(Tag().Replace(heading.Groups["words"].Value, ""));
            var id = Named(title);
            chapters.Add((id, title));
            return $"<h{heading.Groups["level"]} id=\"{id}\">{heading.Groups["words"]}</h{heading.Groups["level"]}>";
        });
        return (html, chapters);
    }

    // As the places that show Markdown files name their headings.
    private static string Named(string title)
    {
        var id = new StringBuilder();
        foreach (var c in title.ToLowerInvariant())
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_') id.Append(c);
            else if (c == ' ') id.Append('-');
        return id.ToString();
    }

    [GeneratedRegex("<h(?<level>[1-6])>(?<words>.*?)</h[1-6]>", RegexOptions.Singleline)]
    private static partial Regex Heading();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();
}
