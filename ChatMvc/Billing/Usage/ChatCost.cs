using ChatMvc.Chats;

namespace ChatMvc.Billing.Usage;

/// <summary>What a room's answers cost together, in words.</summary>
public static class ChatCost
{
    public static string Words(Chat chat) => chat switch
    {
        { CostMicros: 0, UnknownCosts: 0 } => "This chat has cost nothing yet.",
        { CostMicros: 0 } => $"What this chat cost is unknown: {Unknown(chat)}.",
        { UnknownCosts: > 0 } => $"This chat: {About(chat)}, without {Unknown(chat)}.",
        _ => $"This chat: {About(chat)}.",
    };

    private static string About(Chat chat) =>
        (chat.EstimatedCosts > 0 ? "about " : "") + UsageWords.Brief(new Usd(chat.CostMicros)) + (chat.EstimatedCosts > 0 ? $" ({chat.EstimatedCosts} estimated)" : "");

    private static string Unknown(Chat chat) => $"{UsageWords.Answers(chat.UnknownCosts)} at an unknown price";
}
