using System.Globalization;

namespace ChatMvc.Chats.Attachments;

/// <summary>The size of a picture on the page: itself, made smaller by the browser, in a place that is kept for it.</summary>
public readonly record struct FileView(int Width, int Height)
{
    /// <summary>CSS pixels of the longer side.</summary>
    private const double Longest = 320;

    /// <summary>Null for what is no picture.</summary>
    public static FileView? Of(Attachment file)
    {
        if (file is not { Kind: AttachmentKind.Image, Width: { } width, Height: { } height }) return null;
        var scale = Math.Min(1, Longest / Math.Max(width, height));
        return new(Math.Max(1, (int)Math.Round(width * scale)), Math.Max(1, (int)Math.Round(height * scale)));
    }
}

/// <summary>Bytes in words.</summary>
public static class FileSize
{
    /// <summary>A file where it is named and not shown, such as <c>notes.txt (text, 3 KB)</c>.</summary>
    public static string Named(Attachment file) => $"{file.Name} ({(file.Kind == AttachmentKind.Image ? "picture" : "text")}, {Words(file.Bytes)})";

    public static string Words(long bytes) => bytes switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 999_500 => string.Create(CultureInfo.InvariantCulture, $"{(bytes + 500) / 1_000} KB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000.0:0.0} MB"),
    };
}
