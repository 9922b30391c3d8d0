using System.Diagnostics;
using ChatMvc.Tests.Control;

namespace ChatMvc.Tests.Operators;

/// <summary>A test that asks <c>systemd-analyze</c>: skipped, visibly, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SystemdTheoryAttribute : TheoryAttribute
{
    public const string Program = "/usr/bin/systemd-analyze";

    public SystemdTheoryAttribute()
    {
        if (!File.Exists(Program)) Skip = $"{Program} is not there; Debian's package systemd has it";
    }
}

/// <summary>The units, as far as they can be judged without being started.</summary>
public sealed class SystemdTests : IDisposable
{
    private static readonly string Units = Path.Combine(Root(), "systemd");
    private readonly string folder = Directory.CreateTempSubdirectory("units-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [SystemdTheory]
    [InlineData("chatmvc.service")]
    [InlineData("chatmvc-backup.service")]
    [InlineData("chatmvc-backup.timer")]
    public async Task Each_unit_is_understood_without_a_complaint(string unit)
    {
        foreach (var file in Directory.GetFiles(Units, "*.*")) await File.WriteAllTextAsync(Path.Combine(folder, Path.GetFileName(file)), WithProgramsThatAreHere(await File.ReadAllTextAsync(file)));
        var (exitCode, output) = await AnalyzeAsync("verify", "--man=no", Path.Combine(folder, unit));
        var ours = output.Split('\n').Where(line => line.Contains("chatmvc", StringComparison.Ordinal)).ToList();
        Assert.True(exitCode == 0 && ours.Count == 0, output);
    }

    [SystemdTheory]
    [InlineData("chatmvc.service")]
    [InlineData("chatmvc-backup.service")]
    public async Task Its_exposure_is_at_most_one_and_a_half(string unit)
    {
        var (exitCode, output) = await AnalyzeAsync("security", "--offline=true", "--no-pager", "--threshold=15", Path.Combine(Units, unit));
        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public void Each_line_of_hardening_is_explained()
    {
        var lines = File.ReadAllLines(Path.Combine(Units, "chatmvc.service"));
        var hardening = lines.SkipWhile(l => !l.StartsWith("# What it may not do", StringComparison.Ordinal)).TakeWhile(l => l != "[Install]").Where(l => l.Length > 0).ToList();
        Assert.True(hardening.Count > 20);
        // A comment stands for at most the six lines below it.
        for (var i = 0; i < hardening.Count; i++) Assert.Contains(hardening.Skip(Math.Max(0, i - 6)).Take(7), l => l.StartsWith('#'));
    }

    [Fact]
    public async Task Secrets_are_read_from_the_files_of_its_credentials()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "chatmvc_OpenAI__ApiKey"), "sk-canary\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "chatmvc_OpenAI__BaseUrl"), "nonsense\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "somebody_else"), "x");
        var said = await Typing.RunAfterAsync($"export CREDENTIALS_DIRECTORY='{folder}'", folder, "doctor", "--offline");
        Assert.Contains("OpenAI:BaseUrl is malformed", said.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", said.Output, StringComparison.Ordinal);
    }

    private static string WithProgramsThatAreHere(string unit) => unit.Replace("/usr/bin/dotnet", "/bin/true", StringComparison.Ordinal);

    private static async Task<(int ExitCode, string Output)> AnalyzeAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(SystemdTheoryAttribute.Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "ChatMvc.sln"))) at = at.Parent!;
        return at.FullName;
    }
}
