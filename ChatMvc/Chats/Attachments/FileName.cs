using System.Globalization;
using System.Text;

namespace ChatMvc.Chats.Attachments;

/// <summary>The name of a file as its person's computer gave it, made fit to be shown: it is never a path.</summary>
public static class FileName
{
    private const string Unnamed = "file";
    private const int MaxExtension = 12;

    /// <summary>Without folders, controls and marks that turn the writing round; at most <see cref="Attachment.MaxName"/> characters, its ending kept.</summary>
    public static string Clean(string given)
    {
        var last = given[(given.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
        var shown = new StringBuilder();
        foreach (var rune in last.EnumerateRunes())
            if (!IsHidden(rune)) shown.Append(rune.Value is '"' or '`' ? "'" : rune.ToString());
        var name = shown.ToString().Trim();
        return name.Trim('.', ' ').Length == 0 ? Unnamed : Shorten(name);
    }

    private static bool IsHidden(Rune rune) => rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse;

    private static string Shorten(string name)
    {
        if (name.Length <= Attachment.MaxName) return name;
        var ending = name.LastIndexOf('.') is > 0 and var dot && name.Length - dot <= MaxExtension ? name[dot..] : "";
        var cut = Attachment.MaxName - ending.Length - 1;
        if (char.IsHighSurrogate(name[cut - 1])) cut--;
        return name[..cut] + "…" + ending;
    }
}
