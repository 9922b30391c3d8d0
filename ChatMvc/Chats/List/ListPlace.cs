namespace ChatMvc.Chats.List;

/// <summary>Which of a person's chats a page lists: those in use, those of one folder, or those put away.</summary>
public sealed record ListPlace(bool IsArchive = false, string? Folder = null, ListCursor? Before = null)
{
    public static readonly ListPlace Start = new();

    public string Heading => IsArchive ? "Archived chats" : Folder ?? "Your chats";

    /// <summary>What its forms and links carry, beginning with a question mark; empty for the start.</summary>
    public string Query => Join(IsArchive ? "archived=1" : null, Folder is null ? null : "folder=" + Uri.EscapeDataString(Folder), Before is { } before ? $"before={before}" : null);

    public string Url => "/chats" + Query;

    /// <summary>The same place with one thing more to say.</summary>
    public string With(string more) => $"{Url}{(Query.Length == 0 ? '?' : '&')}{more}";

    private static string Join(params string?[] parts)
    {
        var query = string.Join('&', parts.Where(p => p is not null));
        return query.Length == 0 ? "" : "?" + query;
    }
}
