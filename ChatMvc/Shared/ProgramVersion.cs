using System.Reflection;

namespace ChatMvc.Shared;

/// <summary>What this program is, such as <c>0.1.0+65b0566</c>.</summary>
internal static class ProgramVersion
{
    public static string Text { get; } = typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
