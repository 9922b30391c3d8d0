using ChatMvc.Shared;

namespace ChatMvc.Chats.Attachments;

/// <summary>What an attachment is to a model.</summary>
public enum AttachmentKind { Image, Text }

/// <summary>A file that came with a message. Its bytes lie below <c>uploads/</c> under its key.</summary>
public sealed class Attachment
{
    public const int KeyLength = 22;
    public const int MaxName = 120;

    private Attachment() { }

    /// <summary>A file that was just stored, unsent.</summary>
    public Attachment(long userId, string key, string name, FileContent content, DateTimeOffset now)
    {
        (Key, UserId, Name, CreatedAt) = (key, userId, name, now);
        (Kind, MediaType, Bytes) = (content.Kind, content.MediaType, content.Bytes.Length);
        if (content.Size is { } size) (Width, Height) = (size.Width, size.Height);
        Tokens = FileTokens.Of(name, content);
    }

    public long Id { get; private set; }
    /// <summary>Random URL-safe characters: its id in addresses, and the name of its file.</summary>
    public string Key { get; private set; } = "";
    /// <summary>Whose it is.</summary>
    public long UserId { get; private set; }
    /// <summary>The message that it came with; null until that is sent.</summary>
    public long? MessageId { get; private set; }
    /// <summary>As its person's computer called it: shown, never used as a path.</summary>
    public string Name { get; private set; } = "";
    public AttachmentKind Kind { get; private set; }
    /// <summary>By its content, not by its name.</summary>
    public string MediaType { get; private set; } = "";
    public long Bytes { get; private set; }
    public int? Width { get; private set; }
    public int? Height { get; private set; }
    /// <summary>The upper estimate of what it adds to a prompt.</summary>
    public int Tokens { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The same file once more, for a message that takes the place of the one it came with.</summary>
    public Attachment CopyAs(string key, DateTimeOffset now) => new()
    {
        Key = key,
        UserId = UserId,
        Name = Name,
        Kind = Kind,
        MediaType = MediaType,
        Bytes = Bytes,
        Width = Width,
        Height = Height,
        Tokens = Tokens,
        CreatedAt = now,
    };

    public static string NewKey() => RandomKey.OfLength(KeyLength);

    /// <summary>Whether a text has the form of a key, and so of a file's name below <c>uploads/</c>.</summary>
    public static bool IsKey(string? text) =>
        text is { Length: KeyLength } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
