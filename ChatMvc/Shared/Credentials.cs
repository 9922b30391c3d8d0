using Microsoft.Extensions.Configuration.Memory;

namespace ChatMvc.Shared;

/// <summary>
/// Settings from files, one each, in the folder that systemd names in <c>CREDENTIALS_DIRECTORY</c>: nobody else on the
/// machine can read them, nor the program's environment.
/// </summary>
internal static class Credentials
{
    /// <summary>systemd puts it before the names of the files, when it loads a whole folder under this name.</summary>
    private const string Prefix = "chatmvc_";

    /// <summary>Environment variables and the command line go before them.</summary>
    public static void AddCredentials(this WebApplicationBuilder builder)
    {
        if (Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is not { Length: > 0 } folder || !Directory.Exists(folder)) return;
        var files = Directory.GetFiles(folder).Where(path => Path.GetFileName(path).StartsWith(Prefix, StringComparison.Ordinal));
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [.. files.Select(Read)] });
    }

    private static KeyValuePair<string, string?> Read(string path) =>
        new(Path.GetFileName(path)[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal), File.ReadAllText(path).TrimEnd());
}
