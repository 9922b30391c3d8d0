using ChatMvc.Accounts;

namespace ChatMvc.Chats.Contexts;

/// <summary>A reusable system prompt. Its text is versioned, so that an old answer keeps the prompt it was given under.</summary>
public sealed class Context
{
    public const int MaxName = 80;
    /// <summary>Of one person, deleted ones aside.</summary>
    public const int MaxEach = 100;

    private Context() { }

    public Context(User owner, TypedContext typed, int position, DateTimeOffset now)
    {
        (UserId, Name, Position, CreatedAt) = (owner.Id, typed.Name, position, now);
        Versions.Add(new ContextVersion(typed.Text, now));
    }

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

    /// <summary>Takes what its form says; another text is another version. Its newest version has to be loaded.</summary>
    public void Edit(TypedContext typed, DateTimeOffset now)
    {
        Name = typed.Name;
        if (Versions[^1].Text != typed.Text) Versions.Add(new ContextVersion(typed.Text, now));
    }

    public void MoveTo(int position) => Position = position;

    public void StartNewChats(bool whether) => IsDefault = whether;

    public void Delete(DateTimeOffset now) => DeletedAt ??= now;

    public void Restore() => DeletedAt = null;
}

public sealed class ContextVersion
{
    private ContextVersion() { }

    public ContextVersion(string text, DateTimeOffset now) => (Text, CreatedAt) = (text, now);

    public long Id { get; private set; }
    public long ContextId { get; private set; }
    public string Text { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
}
