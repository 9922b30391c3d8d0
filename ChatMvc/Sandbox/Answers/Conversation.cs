namespace ChatMvc.Sandbox.Answers;

/// <summary>One message of a chat request: its role in OpenAI's words, its text, and how many images or files came with it.</summary>
internal sealed record Turn(string Role, string Text, int Attachments)
{
    /// <summary>Names of the texts that stand in parts of their own before the words.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
    /// <summary>Tokens of what is not in the text.</summary>
    public int MoreTokens { get; init; }
    public bool IsPerson => Role == "user";
    public bool IsAnswer => Role == "assistant";
    public bool IsContext => Role is "system" or "developer";
}

/// <summary>The messages of a chat request, at least one.</summary>
internal sealed class Conversation(IReadOnlyList<Turn> turns)
{
    public IReadOnlyList<Turn> Turns { get; } = turns;

    /// <summary>What is to be answered.</summary>
    public Turn Asked { get; } = turns.LastOrDefault(turn => turn.IsPerson) ?? turns[^1];

    public Turn? LastAnswer { get; } = turns.LastOrDefault(turn => turn.IsAnswer && turn.Text.Length > 0);

    /// <summary>The person's earlier messages, oldest first.</summary>
    public IEnumerable<Turn> Earlier => Turns.Where(turn => turn.IsPerson && !ReferenceEquals(turn, Asked));

    public Turn? Context => Turns.FirstOrDefault(turn => turn.IsContext && turn.Text.Length > 0);

    /// <summary>The same number for the same messages, so that the same conversation gets the same answer.</summary>
    public ulong Seed
    {
        get
        {
            var hash = 14695981039346656037UL; // FNV-1a: string.GetHashCode differs in every process
            foreach (var turn in Turns)
            {
                foreach (var c in turn.Role)
                    hash = (hash ^ c) * 1099511628211UL;
                foreach (var c in turn.Text)
                    hash = (hash ^ c) * 1099511628211UL;
            }
            return hash;
        }
    }

    /// <summary>The conversation as it was when its last answer was asked for, or null when there is none.</summary>
    public Conversation? BeforeLastAnswer()
    {
        var last = Turns.Count - 1;
        while (last >= 0 && !ReferenceEquals(Turns[last], LastAnswer))
            last--;
        return last > 0 ? new Conversation([.. Turns.Take(last)]) : null;
    }
}
