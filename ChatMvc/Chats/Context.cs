namespace ChatMvc.Chats;

/// <summary>A reusable system prompt. Its text is versioned, so that an old answer keeps the prompt it was given under.</summary>
public sealed class Context
{
    private Context() { }

    public long Id { get; private set; }
    public long UserId { get; private set; }
    public string Name { get; private set; } = "";
    /// <summary>In its person's list, from 0.</summary>
    public int Position { get; private set; }
    /// <summary>Whether new chats start with it: at most one of a person's.</summary>
    public bool IsDefault { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? DeletedAt { get; private set; }
    public List<ContextVersion> Versions { get; } = [];
}

public sealed class ContextVersion
{
    private ContextVersion() { }

    public long Id { get; private set; }
    public long ContextId { get; private set; }
    public string Text { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
}
