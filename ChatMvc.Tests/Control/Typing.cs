using System.Diagnostics;
using ChatMvc.Tests.Crash;

namespace ChatMvc.Tests.Control;

/// <summary>What a command said.</summary>
public sealed record Said(int ExitCode, string Output, string Error);

/// <summary>Commands as they are typed, each as a process of its own.</summary>
internal static class Typing
{
    /// <param name="directory">The data directory, which is not typed but set in the environment.</param>
    /// <param name="typed">The command with its arguments.</param>
    public static Task<Said> RunAsync(string directory, params string[] typed) => RunAsync(directory, null, typed);

    /// <summary>The same for a command that dies at a moment.</summary>
    public static Task<Said> RunAsync(string directory, Moment? death, params string[] typed) =>
        RunAsync("dotnet", [typeof(Program).Assembly.Location, .. typed], directory, death);

    /// <summary>The same in a shell, after something else was said to it.</summary>
    public static Task<Said> RunAfterAsync(string shell, string directory, params string[] typed) =>
        RunAsync("bash", ["-c", $"{shell}; exec dotnet \"$@\"", "bash", typeof(Program).Assembly.Location, .. typed], directory, null);

    private static async Task<Said> RunAsync(string program, string[] arguments, string directory, Moment? death)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
            Environment = { ["DataDirectory"] = directory, ["ASPNETCORE_ENVIRONMENT"] = "Production" },
        };
        start.Environment.Remove("OPENAI_API_KEY");
        // So short a life is not worth a second compilation.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_TC_CallCounting"] = "0";
        if (death is not null)
        {
            start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
            start.Environment[StartupHook.KillAt] = death.Line;
        }
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new Said(process.ExitCode, (await output).Trim(), (await error).Trim());
    }
}
