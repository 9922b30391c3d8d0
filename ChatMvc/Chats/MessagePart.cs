namespace ChatMvc.Chats;

/// <summary>A piece of a running answer's text, appended every quarter of a second and removed when the answer ends.</summary>
public sealed class MessagePart
{
    private MessagePart() { }

    public MessagePart(Message message, int sequence, string text) =>
        (MessageId, Attempt, Sequence, Text) = (message.Id, message.Attempt, sequence, text);

    public long MessageId { get; private set; }
    public int Attempt { get; private set; }
    public int Sequence { get; private set; }
    public string Text { get; private set; } = "";
}
