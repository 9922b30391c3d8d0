using System.Reflection;

namespace ChatMvc.Shared;

/// <summary>Which program this is.</summary>
public static class AppVersion
{
    private const int ShortCommit = 7;

    /// <summary>Such as <c>0.1.0</c>, or <c>0.1.0 (65b0566)</c> where it was built from a checkout.</summary>
    public static string Text { get; } = Read(typeof(AppVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);

    private static string Read(string built) =>
        built.Split('+') is [var version, var commit] ? $"{version} ({commit[..Math.Min(ShortCommit, commit.Length)]})" : built;
}
