using System.Diagnostics;

namespace ChatMvc.Bench.Servers;

/// <summary>The program as it is shipped.</summary>
internal static class Published
{
    /// <summary>The one place that says how; after it comes the folder.</summary>
    private static readonly string[] Command =
        ["publish", "ChatMvc", "-c", "Release", "-r", "linux-x64", "--self-contained", "false", "-p:PublishReadyToRun=true", "--nologo", "-v", "quiet", "-o"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task PublishAsync(string folder)
    {
        using var publish = Process.Start(new ProcessStartInfo(DotNet.Host, [.. Command, folder]) { WorkingDirectory = Repository, RedirectStandardOutput = true })!;
        try
        {
            var output = await publish.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
            await publish.WaitForExitAsync();
            if (publish.ExitCode != 0) throw new InvalidOperationException($"dotnet {string.Join(' ', Command)} failed:\n{output}");
        }
        finally
        {
            if (!publish.HasExited) publish.Kill(entireProcessTree: true);
        }
    }

    private static string Repository
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "ChatMvc.sln"))) return folder.FullName;
            throw new InvalidOperationException("ChatMvc.sln was not found above this program; give the published one by --app FOLDER.");
        }
    }
}
