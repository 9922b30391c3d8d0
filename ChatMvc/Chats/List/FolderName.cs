namespace ChatMvc.Chats.List;

/// <summary>The name of a folder as somebody typed it.</summary>
public static class FolderName
{
    public const int MaxLength = 40;
    /// <summary>Different names of one person.</summary>
    public const int MaxFolders = 50;

    public static readonly string Rule = $"A folder’s name has 1 to {MaxLength} characters.";
    public static readonly string TooMany = $"You have {MaxFolders} folders, which is the most. Move the chats to one of these, or empty one first.";

    /// <summary>One line without blanks around it; empty for no folder.</summary>
    public static string Clean(string? typed) => string.Join(' ', new string([.. (typed ?? "").Select(c => char.IsControl(c) ? ' ' : c)])
        .Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Whether a clean text can be a name: not too long, and with something to be seen.</summary>
    public static bool IsName(string text) => text.Length <= MaxLength && Chat.IsTitle(text);
}
