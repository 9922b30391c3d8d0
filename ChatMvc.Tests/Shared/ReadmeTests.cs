using System.Reflection;
using System.Text.RegularExpressions;
using ChatMvc.Shared;
using ChatMvc.Tests.Operators;

namespace ChatMvc.Tests.Shared;

/// <summary>What the README says is so.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Root = FindRoot();
    private static readonly string Readme = File.ReadAllText(Path.Combine(Root, "README.md"));

    [Fact]
    public void Its_table_of_settings_is_the_settings_classes()
    {
        var documented = SettingRow().Matches(Section("## Configuration")).Select(m => m.Groups[1].Value).Order().ToList();
        var settings = typeof(Program).Assembly.GetTypes().Where(t => t.GetCustomAttribute<SectionAttribute>() is not null || t == typeof(ServerSettings));
        var actual = settings.SelectMany(t => t.GetProperties().Where(p => p.CanWrite)
                .Select(p => t.GetCustomAttribute<SectionAttribute>() is { } section ? $"{section.Name}:{p.Name}" : p.Name))
            .Append("Urls").Order().ToList();

        Assert.NotEmpty(documented);
        Assert.Equal(actual, documented);
    }

    [Fact]
    public void The_files_and_projects_its_commands_name_are_there()
    {
        Assert.Contains("dotnet run --project ChatMvc\n", Readme);
        Assert.Contains("\ndotnet test\n", Readme);
        foreach (var path in new[] { "ChatMvc/ChatMvc.csproj", "systemd/chatmvc.service", "ChatMvc/models.json", "ChatMvc/appsettings.json", ".config/dotnet-tools.json" })
            Assert.True(File.Exists(Path.Combine(Root, path)), path);
        Assert.Contains("/opt/chatmvc/ChatMvc.dll", File.ReadAllText(Path.Combine(Root, "systemd/chatmvc.service")));
    }

    [Fact]
    public void The_pictures_it_shows_are_there_and_small()
    {
        var pictures = Regex.Matches(Readme, @"!\[[^\]]+\]\((?<file>[^)]+)\)").Select(m => new FileInfo(Path.Combine(Root, m.Groups["file"].Value))).ToList();
        Assert.NotEmpty(pictures);
        Assert.All(pictures, picture => Assert.InRange(picture.Length, 10_000, 200_000));
    }

    [Fact]
    public void Its_four_settings_of_a_personal_server_start_one_in_Production()
    {
        var settings = Regex.Match(Section("## Production"), "```sh\n(OPENAI_API_KEY=.*?)```", RegexOptions.Singleline).Groups[1].Value
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => "--" + line.Replace("__", ":", StringComparison.Ordinal));
        var folder = Directory.CreateTempSubdirectory("chatmvc-");
        try
        {
            using var app = (IDisposable)Program.Build(["--environment=Production", "--Urls=http://127.0.0.1:0", $"--DataDirectory={folder.FullName}", .. settings]);
            Assert.NotNull(app);
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Its_table_of_the_operators_pages_is_their_menu()
    {
        await using var app = await Ops.StartAsync();
        using var olga = await app.SignInAsOperatorAsync();
        var menu = (await olga.GetAsync("/ops")).Document.QuerySelectorAll("nav a[href^='/ops']").Select(a => a.GetAttribute("href")!);

        var documented = PageRow().Matches(Section("## Operating")).Select(m => m.Groups[1].Value).ToList();

        Assert.Equal(menu, documented.SkipLast(1));
        Assert.Equal(200, (await olga.GetAsync(documented[^1])).Status);
    }

    private static string Section(string heading)
    {
        var start = Readme.IndexOf(heading, StringComparison.Ordinal);
        var end = Readme.IndexOf("\n## ", start + heading.Length, StringComparison.Ordinal);
        return end < 0 ? Readme[start..] : Readme[start..end];
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ChatMvc.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex(@"^\| `([A-Za-z:]+)` \|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();

    [GeneratedRegex(@"^\| `(/ops[a-z/]*)` \|", RegexOptions.Multiline)]
    private static partial Regex PageRow();
}
