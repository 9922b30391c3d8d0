namespace ChatMvc.Chats;

/// <summary>A message as it is quoted in the next one.</summary>
public static class Quote
{
    /// <summary>The text with <c>&gt; </c> before each line, under what stands in the box already; cut where the box ends.</summary>
    public static string Below(string typed, string quoted)
    {
        var lines = string.Join('\n', quoted.TrimEnd().Split('\n').Select(line => $"> {line}".TrimEnd()));
        var whole = typed.Length == 0 ? lines : $"{typed.TrimEnd()}\n\n{lines}";
        var most = Message.MaxText - 2;
        return (whole.Length <= most ? whole : whole[..(char.IsHighSurrogate(whole[most - 1]) ? most - 1 : most)]) + "\n\n";
    }
}
