using System.Text;

namespace ChatMvc.Chats.Attachments;

/// <summary>A file by what is in it; its name and what the browser calls it count for nothing.</summary>
/// <param name="Kind">What it is to a model.</param>
/// <param name="MediaType">As which it is given back.</param>
/// <param name="Bytes">What is stored: a picture as it came, a text as UTF-8.</param>
/// <param name="Size">Of a picture, in pixels.</param>
public sealed record FileContent(AttachmentKind Kind, string MediaType, byte[] Bytes, (int Width, int Height)? Size = null)
{
    private const string PlainText = "text/plain";
    /// <summary>What is looked at to tell a binary file from a long text.</summary>
    private const int Beginning = 8_192;
    /// <summary>A PDF's mark may stand behind other bytes.</summary>
    private const int PdfWithin = 1_024;

    /// <summary>The text, of a text.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Reads a file, or says in words why it is not taken: the end of a sentence that begins with its name.</summary>
    public static (FileContent? Content, string? Refusal) Judge(byte[] file)
    {
        if (file.Length == 0) return (null, "is empty.");
        if (ImageHeader.Read(file) is { } image) return Judge(file, image);
        if (file.AsSpan(0, Math.Min(file.Length, PdfWithin)).IndexOf("%PDF-"u8) >= 0)
            return (null, "is a PDF, and PDFs cannot be read here. Copy the text out of it and paste that, or send it as a text file.");
        var text = file.Length <= 2 * FileLimits.TextBytes ? Decode(file) : null;
        if (text is null && (file.Length <= 2 * FileLimits.TextBytes || file.AsSpan(0, Beginning).Contains((byte)0)))
            return (null, "is neither a text nor a picture that models can see. Send text, or a PNG, JPEG, GIF or WebP picture.");
        return text is null || text.Length > FileLimits.TextBytes
            ? (null, $"is longer than {FileLimits.TextBytes / 1_000} KB, the most for a text. Send the part that matters.")
            : (new FileContent(AttachmentKind.Text, PlainText, text), null);
    }

    private static (FileContent?, string?) Judge(byte[] file, ImageHeader image)
    {
        if (file.Length > FileLimits.ImageBytes) return (null, TooLarge);
        if (image.IsAnimated) return (null, "is animated, and models see still pictures alone. Send one frame of it.");
        if (Math.Max(image.Width, image.Height) > FileLimits.Side || (long)image.Width * image.Height > FileLimits.Pixels)
            return (null, $"has {image.Width:N0} × {image.Height:N0} pixels, which is too many. Make it smaller first.");
        return (new FileContent(AttachmentKind.Image, image.MediaType, file, (image.Width, image.Height)), null);
    }

    /// <summary>Of what is too large to be looked at.</summary>
    public static string TooLarge { get; } = $"is larger than {FileLimits.ImageBytes / 1_000_000} MB. Make it smaller first.";

    // UTF-8 strictly, or UTF-16 by its mark. A text has no zero characters, which nearly every other file has.
    private static byte[]? Decode(byte[] file)
    {
        try
        {
            var text = file is [0xff, 0xfe, ..] ? Strict(new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true), file, 2)
                : file is [0xfe, 0xff, ..] ? Strict(new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true), file, 2)
                : Strict(new UTF8Encoding(false, throwOnInvalidBytes: true), file, file is [0xef, 0xbb, 0xbf, ..] ? 3 : 0);
            return text.Contains('\0', StringComparison.Ordinal) ? null : Encoding.UTF8.GetBytes(text);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string Strict(Encoding encoding, byte[] file, int from) => encoding.GetString(file, from, file.Length - from);
}
