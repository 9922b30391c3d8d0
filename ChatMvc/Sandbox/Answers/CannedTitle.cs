using System.Text.RegularExpressions;

namespace ChatMvc.Sandbox.Answers;

/// <summary>Titles of three to six words for a conversation, out of what the person asked first.</summary>
internal static partial class CannedTitle
{
    private const int MinWords = 3;
    private const int MaxWords = 6;

    /// <summary>
    /// Whether a title is what the request is for: a system or developer message speaks of one, or the last message
    /// asks for the title of this conversation.
    /// </summary>
    public static bool IsAskedFor(Conversation conversation) =>
        conversation.Turns.Any(turn => turn.IsContext && Title().IsMatch(turn.Text)) || OfThis().IsMatch(conversation.Asked.Text);

    public static string For(Conversation conversation)
    {
        var first = conversation.Turns.First(turn => turn.IsPerson || ReferenceEquals(turn, conversation.Asked));
        var question = Question.Read(Label().Replace(first.Text, "", 1));
        var words = Worded(question).Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => word is not ("/" or "-")).Take(MaxWords).ToList();
        while (words.Count > MinWords && words[^1].Length <= 3 && Topic.IsSmall(words[^1]))
            words.RemoveAt(words.Count - 1);
        return words.Count >= MinWords ? string.Join(' ', words) : $"Questions about {(words.Count > 0 ? question.Topic.Phrase : "this")}";
    }

    private static string Worded(Question question) => question.Recipe switch
    {
        Recipe.Greeting => "A first hello",
        Recipe.Comparison when Topic.Sides(question.Text[..Math.Min(question.Text.Length, 500)]) is var (left, right) => $"{Capital(left)} and {right} compared",
        Recipe.HowTo => $"How to {question.Topic.Doing ?? question.Topic.Phrase}",
        Recipe.Code => $"{CodeSamples.DisplayName(question.Language ?? CodeSamples.Default)} for {question.Topic.Phrase}",
        Recipe.List => $"Ideas for {question.Topic.Phrase}",
        Recipe.Translation => "Translating a short phrase",
        Recipe.Maths => "Working out a sum",
        Recipe.Poem => $"A poem about {question.Topic.Phrase}",
        _ => question.Topic.Capital,
    };

    private static string Capital(string phrase) => char.ToUpperInvariant(phrase[0]) + phrase[1..];

    [GeneratedRegex(@"\btitle\b", RegexOptions.IgnoreCase)]
    private static partial Regex Title();

    [GeneratedRegex(@"\btitle (?:for|of) (?:this|the) (?:chat|conversation)\b", RegexOptions.IgnoreCase)]
    private static partial Regex OfThis();

    // Where the conversation comes as one text, its lines say who speaks.
    [GeneratedRegex(@"^\s*(?:.{0,120}\n+)?\s*(?:user|person|question|human|q)\s*:\s*", RegexOptions.IgnoreCase)]
    private static partial Regex Label();
}
