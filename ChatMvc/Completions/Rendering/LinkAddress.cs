namespace ChatMvc.Completions.Rendering;

/// <summary>Which addresses a link may have.</summary>
internal static class LinkAddress
{
    // UTF-16 units, percent-encoded; beyond it nobody sees where a link leads.
    private const int Longest = 2_048;

    /// <summary>The address as it was, or null. Absolute <c>http</c>, <c>https</c> and <c>mailto</c> only.</summary>
    /// <remarks><c>http:path</c> is refused too: a browser resolves it against the page when the schemes are equal.</remarks>
    public static string? Allowed(string? address)
    {
        if (address is null || address.Length > Longest || address.AsSpan().ContainsAnyInRange('\0', ' ')) return null;
        if (!HasHost(address, "https://") && !HasHost(address, "http://") && !HasMore(address, "mailto:")) return null;
        return Uri.TryCreate(address, UriKind.Absolute, out _) ? address : null;
    }

    private static bool HasHost(string address, string scheme) =>
        HasMore(address, scheme) && address[scheme.Length] is not ('/' or '\\' or '?' or '#' or '@' or ':');

    private static bool HasMore(string address, string scheme) =>
        address.Length > scheme.Length && address.StartsWith(scheme, StringComparison.OrdinalIgnoreCase);
}
