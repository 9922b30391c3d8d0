using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace ChatMvc.Tests.Deploy;

/// <summary>THIRD-PARTY.md names what the program is made of, each with its licence.</summary>
public sealed class ThirdPartyTests
{
    private const string Write = "CHATMVC_WRITE_THIRD_PARTY";
    private const string File = "THIRD-PARTY.md";
    /// <summary>Packages that name a file of theirs in place of a licence, and what stands in it.</summary>
    private static readonly Dictionary<string, string> InAFile = new() { ["xunit.abstractions"] = "Apache-2.0" };

    [Fact]
    public void It_lists_exactly_what_is_restored()
    {
        var expected = Expected();
        if (Environment.GetEnvironmentVariable(Write) == "1") System.IO.File.WriteAllText(Path.Combine(Repository.Root, File), expected);
        Assert.True(expected == Repository.Read(File), $"{File} is not what is restored. {Write}=1 with this test writes it anew.\n{expected}");
        foreach (var package in XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion").Where(IsInUse))
            Assert.Contains($"| {package.Attribute("Include")!.Value} | {package.Attribute("Version")!.Value} |", expected, StringComparison.Ordinal);
        Assert.DoesNotContain("| ? |", expected, StringComparison.Ordinal);
    }

    // These two are for adding a migration alone, by hand.
    private static bool IsInUse(XElement package) => package.Attribute("Include")!.Value is not ("Humanizer.Core" or "Microsoft.CodeAnalysis.CSharp.Workspaces");

    private static string Expected()
    {
        var text = new StringBuilder("# What is not ours\n\nMade by `ThirdPartyTests` from what is restored; `CHATMVC_WRITE_THIRD_PARTY=1` writes it anew.\n");
        var program = Packages("ChatMvc");
        Table(text, "In the program", program);
        Table(text, "In the browser, and the passwords that are guessed first", Npm());
        Table(text, "For tests alone", Packages("ChatMvc.Tests").Except(program));
        return text.ToString();
    }

    private static void Table(StringBuilder text, string heading, IEnumerable<(string Name, string Version, string Licence)> rows)
    {
        text.Append("\n## ").Append(heading).Append("\n\n| package | version | licence |\n|---|---|---|\n");
        foreach (var (name, version, licence) in rows.OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase)) text.Append($"| {name} | {version} | {licence} |\n");
    }

    private static List<(string Name, string Version, string Licence)> Packages(string project)
    {
        using var assets = JsonDocument.Parse(Repository.Read($"{project}/obj/project.assets.json"));
        var folders = assets.RootElement.GetProperty("packageFolders").EnumerateObject().Select(f => f.Name).ToList();
        return [.. assets.RootElement.GetProperty("libraries").EnumerateObject().Where(l => l.Value.GetProperty("type").GetString() == "package")
            .Select(l => (l.Name.Split('/')[0], l.Name.Split('/')[1], LicenceOf(folders, l.Value.GetProperty("path").GetString()!)))];
    }

    private static string LicenceOf(List<string> folders, string path)
    {
        var folder = folders.Select(f => Path.Combine(f, path)).First(Directory.Exists);
        var metadata = XDocument.Load(Directory.GetFiles(folder, "*.nuspec").Single()).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
        var licence = metadata.Elements().FirstOrDefault(e => e.Name.LocalName == "license");
        if (licence?.Attribute("type")?.Value == "expression") return licence.Value;
        return InAFile.GetValueOrDefault(path.Split('/')[0]) ?? metadata.Elements().FirstOrDefault(e => e.Name.LocalName == "licenseUrl")?.Value ?? "?";
    }

    private static IEnumerable<(string Name, string Version, string Licence)> Npm()
    {
        using var wanted = JsonDocument.Parse(Repository.Read("package.json"));
        using var locked = JsonDocument.Parse(Repository.Read("package-lock.json"));
        foreach (var kind in new[] { "dependencies", "devDependencies" })
            foreach (var package in wanted.RootElement.GetProperty(kind).EnumerateObject())
            {
                var found = locked.RootElement.GetProperty("packages").GetProperty("node_modules/" + package.Name);
                Assert.Equal(package.Value.GetString(), found.GetProperty("version").GetString());
                yield return (package.Name, found.GetProperty("version").GetString()!, found.GetProperty("license").GetString()!);
            }
    }
}
