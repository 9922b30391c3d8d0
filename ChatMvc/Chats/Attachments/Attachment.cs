namespace ChatMvc.Chats.Attachments;

/// <summary>What an attachment is to a model.</summary>
public enum AttachmentKind { Image, Text }

/// <summary>A file that came with a message. Its bytes lie below <c>uploads/</c> under its key.</summary>
public sealed class Attachment
{
    public const int KeyLength = 22;
    public const int MaxName = 120;

    private Attachment() { }

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
}
