namespace ChatMvc.Chats.Contexts;

/// <summary>A context as its form had it: the name on one line, the text with the line ends that browsers count.</summary>
public sealed record TypedContext(string Name, string Text)
{
    public static TypedContext Of(string? name, string? text) => new(
        string.Join(' ', new string([.. (name ?? "").Select(c => char.IsControl(c) ? ' ' : c)]).Split(' ', StringSplitOptions.RemoveEmptyEntries)),
        (text ?? "").Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n'));

    /// <summary>The field that cannot be taken, and why in words.</summary>
    public (string Field, string Why)? Wrong => this switch
    {
        { Name.Length: > Context.MaxName } => ("name", $"A name has at most {Context.MaxName} characters. Shorten it."),
        _ when !Chat.IsTitle(Name) => ("name", "Give it a name that can be seen."),
        { Text.Length: > ContextText.MaxLength } => ("text", $"This text has {Text.Length:N0} characters; {ContextText.MaxLength:N0} is the most. Shorten it."),
        _ when string.IsNullOrWhiteSpace(Text) => ("text", "Write what the model should know or do."),
        _ when ContextText.CountVariables(Text) > ContextText.MaxVariables => ("text", $"A text has at most {ContextText.MaxVariables} variables. Leave some out."),
        _ => null,
    };
}
