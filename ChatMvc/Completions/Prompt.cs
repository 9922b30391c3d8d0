using ChatMvc.Chats.Attachments;
using OpenAI.Chat;

namespace ChatMvc.Completions;

/// <summary>What is sent for one completion.</summary>
/// <param name="Model">The model's id.</param>
/// <param name="Messages">Context first, then the branch from old to new.</param>
/// <param name="Tokens">Our upper estimate of the prompt.</param>
/// <param name="LikelyTokens">What it most likely takes.</param>
/// <param name="MaxAnswerTokens">The bound of the answer, sent as <c>max_completion_tokens</c>.</param>
/// <param name="IdentifiesPerson">Whether the upstream is OpenAI's and takes a <c>safety_identifier</c>.</param>
public sealed record Prompt(string Model, IReadOnlyList<ChatMessage> Messages, int Tokens, long LikelyTokens, int MaxAnswerTokens, bool IdentifiesPerson)
{
    /// <summary>0 to 2; null for the model's own, or where the model takes none.</summary>
    public float? Temperature { get; init; }

    /// <summary>Whether older turns had to be left out.</summary>
    public bool IsCut { get; init; }

    /// <summary>The messages that have files, with what stands in them.</summary>
    public IReadOnlyDictionary<ChatMessage, SaidWithFiles> WithFiles { get; init; } = new Dictionary<ChatMessage, SaidWithFiles>();
}

/// <summary>
/// Tokens before anything is sent: an upper estimate without the models' own tokenizers. Half of the ASCII characters,
/// every other UTF-16 unit as one, and eight for the frame of each message. English prose has about a quarter.
/// </summary>
public static class TokenEstimate
{
    public const int PerMessage = 8;

    public static int Of(string text)
    {
        var ascii = text.Count(char.IsAscii);
        return (ascii + 1) / 2 + (text.Length - ascii);
    }

    /// <summary>A text with the frame of its message.</summary>
    public static int OfTurn(string text) => Of(text) + PerMessage;

    /// <summary>
    /// What a text most likely took, for a bill that the upstream never sent: a quarter of the ASCII characters, and of the
    /// other UTF-16 units two thirds.
    /// </summary>
    public static long Likely(string text)
    {
        var ascii = text.Count(char.IsAscii);
        return (ascii + 3) / 4 + ((text.Length - ascii) * 2 + 2) / 3;
    }
}
