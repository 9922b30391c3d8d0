using System.Text.RegularExpressions;

namespace ChatMvc.Tests.Deploy;

/// <summary>Every link into the operator's handbook and in it leads somewhere.</summary>
public sealed partial class HandbookTests
{
    private const string File = "docs/handbook.md";
    /// <summary>What alarms and pages lead to.</summary>
    private static readonly string[] Incidents =
        ["key-leaked", "sms-pumping", "dispute", "disk-full", "stuck-job", "parked-webhooks", "upstream-refused", "no-backup", "clock", "ceiling"];

    [Fact]
    public void Each_incident_has_its_chapter() => Assert.Empty(Incidents.Except(Chapters(File)));

    [Theory]
    [InlineData(File)]
    [InlineData("README.md")]
    public void Each_link_in_it_leads_somewhere(string file)
    {
        var links = Link().Matches(Repository.Read(file)).Select(m => m.Groups[1].Value).Where(l => !l.StartsWith("http", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(links);
        foreach (var link in links)
        {
            var (path, chapter) = link.Split('#') is [var before, var after] ? (before, after) : (link, null);
            var target = path.Length == 0 ? file : Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, path)));
            Assert.True(Path.Exists(Path.Combine(Repository.Root, target)), $"{file} leads to {link}.");
            if (chapter is not null) Assert.True(Chapters(target).Contains(chapter), $"{file} leads to {link}.");
        }
    }

    [Fact]
    public void Each_link_into_it_finds_its_chapter()
    {
        string[] folders = ["ChatMvc", "deploy", "systemd", "docs"];
        string[] kinds = [".cs", ".cshtml", ".md", ".yml", ".service", ".json"];
        var files = folders.Select(f => Path.Combine(Repository.Root, f)).Where(Directory.Exists).SelectMany(f => Directory.GetFiles(f, "*", SearchOption.AllDirectories))
            .Where(f => kinds.Contains(Path.GetExtension(f)) && !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));
        var chapters = Chapters(File);
        var (links, lost) = (0, new List<string>());
        foreach (var file in files.Append(Path.Combine(Repository.Root, "README.md")))
            foreach (Match link in Into().Matches(System.IO.File.ReadAllText(file)))
            {
                links++;
                if (!chapters.Contains(link.Groups[1].Value)) lost.Add($"{Path.GetRelativePath(Repository.Root, file)}: {link.Value}");
            }
        Assert.True(links > 5);
        Assert.Empty(lost);
    }

    /// <summary>As the places that show Markdown files name their headings.</summary>
    internal static HashSet<string> Chapters(string file) =>
        [.. Heading().Matches(Repository.Read(file)).Select(m => NotOfAName().Replace(m.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"handbook(?:\.md)?#([a-z0-9-]+)")]
    private static partial Regex Into();

    [GeneratedRegex("^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex NotOfAName();
}
