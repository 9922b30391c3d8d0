using ChatMvc.Shared;

namespace ChatMvc.Chats;

/// <summary>The form in which a question is asked in other words.</summary>
public sealed record EditView(string Url, long MessageId, string Text, ComposeNotice? Notice, bool HasFiles)
{
    public string Nonce { get; } = RandomKey.OfLength(24);
}
