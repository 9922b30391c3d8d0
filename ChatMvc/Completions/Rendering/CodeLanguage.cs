using System.Buffers;

namespace ChatMvc.Completions.Rendering;

/// <summary>The label of a code block, out of the class that Markdig makes of a fence's first word.</summary>
internal static class CodeLanguage
{
    private const string Prefix = "language-";
    private const int Longest = 30;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+#-._");

    /// <summary>Null where there is none that we would show.</summary>
    public static string? Of(string? className)
    {
        if (className is null || !className.StartsWith(Prefix, StringComparison.Ordinal)) return null;

        var language = className[Prefix.Length..];
        return language.Length is 0 or > Longest || language.AsSpan().ContainsAnyExcept(Allowed) ? null : language;
    }
}
