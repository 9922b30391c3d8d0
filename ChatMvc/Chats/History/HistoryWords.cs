using System.Globalization;

namespace ChatMvc.Chats.History;

/// <summary>What was found, in words.</summary>
public static class HistoryWords
{
    /// <summary>Such as <c>1 chat and 37 messages</c>.</summary>
    public static string Count(SearchResult result)
    {
        var messages = result.HasMore ? $"More than {Number(Searches.MaxMessages)} messages" : Several(result.Messages, "message");
        if (result.Chats == 0) return messages;
        return result.Messages == 0 ? Several(result.Chats, "chat") : $"{Several(result.Chats, "chat")} and {messages.ToLowerInvariant()}";
    }

    private static string Several(int count, string noun) => $"{Number(count)} {noun}{(count == 1 ? "" : "s")}";

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
