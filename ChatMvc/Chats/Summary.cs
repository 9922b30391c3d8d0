namespace ChatMvc.Chats;

/// <summary>What was said in a branch up to a message, in few words: sent in its place when the whole does not fit.</summary>
public sealed class Summary
{
    private Summary() { }

    public Summary(Message upTo, string text, int tokens, DateTimeOffset now) =>
        (ChatId, UpToId, Text, Tokens, CreatedAt) = (upTo.ChatId, upTo.Id, text, tokens, now);

    public long Id { get; private set; }
    public long ChatId { get; private set; }
    /// <summary>The last message that it covers, with all above it.</summary>
    public long UpToId { get; private set; }
    public string Text { get; private set; } = "";
    /// <summary>The upper estimate.</summary>
    public int Tokens { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
}
