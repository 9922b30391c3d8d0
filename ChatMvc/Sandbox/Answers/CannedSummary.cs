using System.Text.RegularExpressions;

namespace ChatMvc.Sandbox.Answers;

/// <summary>A conversation in few words, out of what the person asked in it.</summary>
internal static partial class CannedSummary
{
    private const int MaxQuestions = 12;

    /// <summary>Whether that is what the request is for: the instruction frames the conversation, before and after it.</summary>
    public static bool IsAskedFor(Conversation conversation) =>
        conversation.Turns is [{ IsContext: true } first, .., { IsPerson: true } last] && OfThis().IsMatch(first.Text) && OfThis().IsMatch(last.Text);

    public static string For(Conversation conversation)
    {
        var questions = conversation.Earlier.Where(turn => turn.Text.Length > 0).Select(turn => CannedAnswer.Quoted(turn.Text)).ToList();
        var told = string.Join(", then ", questions.TakeLast(MaxQuestions).Select(question => $"“{question}”"));
        var last = conversation.LastAnswer is { } answer ? $" The last answer began “{CannedAnswer.Quoted(answer.Text)}”." : "";
        return $"The person asked {(told.Length > 0 ? told : "nothing yet")}.{last} From the sandbox, not from a model.";
    }

    [GeneratedRegex(@"^Summari[sz]e this conversation\b", RegexOptions.IgnoreCase)]
    private static partial Regex OfThis();
}
