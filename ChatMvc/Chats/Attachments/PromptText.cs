namespace ChatMvc.Chats.Attachments;

/// <summary>A text file as a model reads it: its name, then what is in it between fences that it does not hold itself.</summary>
public static class PromptText
{
    private const int ShortestFence = 3;

    public static string Of(string name, string text)
    {
        var fence = new string('`', Math.Max(ShortestFence, LongestRun(text) + 1));
        return $"File \"{name}\":\n{fence}\n{text}\n{fence}\n";
    }

    /// <summary>In place of what cannot be sent.</summary>
    public static string Missing(string name, string why) => $"[The file \"{name}\" came with this message; {why}.]";

    private static int LongestRun(string text)
    {
        var (longest, run) = (0, 0);
        foreach (var c in text) longest = Math.Max(longest, run = c == '`' ? run + 1 : 0);
        return longest;
    }
}
