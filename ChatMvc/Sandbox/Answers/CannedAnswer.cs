using System.Text;

namespace ChatMvc.Sandbox.Answers;

/// <summary>
/// Markdown worth reading that responds to what was asked, by recipe and not by a model, and says so. The same
/// conversation gets the same answer.
/// </summary>
internal static class CannedAnswer
{
    private const int UsualWords = 190;
    private const int QuotedWords = 8;

    public static string For(Conversation conversation, string model)
    {
        if (!Question.AsksToContinue(conversation.Asked.Text) || conversation.BeforeLastAnswer() is not { } before)
            return Fresh(conversation, model);

        // An answer that was cut off goes on exactly where it stopped.
        var whole = For(before, model);
        var given = conversation.LastAnswer!.Text.Trim();
        return whole.Length > given.Length && whole.StartsWith(given, StringComparison.Ordinal)
            ? $"{whole[given.Length..].TrimStart(' ')}\n\n{Honesty(model)}"
            : Continued(conversation, before, model);
    }

    /// <summary>The sentence that no answer goes without.</summary>
    private static string Honesty(string model) => $"*From the sandbox standing in for `{model}`, not from a model.*";

    private static string Fresh(Conversation conversation, string model)
    {
        var question = Question.Read(conversation.Asked.Text);
        var draw = new Draw(conversation.Seed);
        var prose = new Prose(question.Topic, draw);
        var notes = Notes(conversation);
        // Whoever asks for so many words gets about so many, and no heading where there is no room for one.
        var room = (question.Words ?? UsualWords) - Prose.CountWords(Honesty(model)) - notes.Sum(Prose.CountWords);
        var page = question.Recipe switch
        {
            Recipe.Greeting => Replies.Greeting(),
            Recipe.Recall => Replies.Recall(conversation),
            Recipe.Echo => Replies.Echo(question),
            Recipe.Translation => Replies.Translation(question),
            Recipe.Maths => Replies.Maths(question),
            Recipe.Fact => Replies.Fact(question),
            Recipe.Summary => Replies.Summary(conversation, question),
            Recipe.Code => Pages.Code(question, question.Language ?? EarlierLanguage(conversation), prose),
            Recipe.Comparison => Pages.Comparison(question, prose, draw, room),
            Recipe.HowTo => Pages.HowTo(question, prose, draw, room),
            Recipe.List => Pages.List(question, prose, draw),
            Recipe.Poem => Pages.Poem(question, draw),
            Recipe.Essay => Pages.Essay(question, prose, draw, room),
            _ => question.Words is null ? Pages.Explanation(question, prose, draw) : Pages.Essay(question, prose, draw, room),
        };
        return string.Join("\n\n", [page[0], .. notes, Honesty(model), .. page.Skip(1)]);
    }

    private static string Continued(Conversation conversation, Conversation before, string model)
    {
        var question = Question.Read(before.Asked.Text);
        var draw = new Draw(conversation.Seed);
        var prose = new Prose(question.Topic, draw);
        return string.Join("\n\n",
        [
            $"To go on with {question.Topic.Phrase}:", Honesty(model),
            .. Pages.Essay(question, prose, draw, question.Words ?? UsualWords),
        ]);
    }

    // What came before and beside the question, so that a reader sees that it arrived.
    private static List<string> Notes(Conversation conversation)
    {
        var notes = new List<string>();
        if (conversation.Earlier.LastOrDefault() is { Text.Length: > 0 } earlier)
            notes.Add($"Before this you wrote “{Quoted(earlier.Text)}”, and this follows on from there.");
        if (conversation.Asked.Files is { Count: > 0 } files)
            notes.Add($"With your message came {(files.Count == 1 ? "the file" : $"{files.Count} files:")} {string.Join(", ", files.Select(name => $"“{name}”"))}.");
        if (conversation.Asked.Attachments is > 0 and var count)
            notes.Add($"{(count == 1 ? "An attachment came" : $"{count} attachments came")} with your message; the sandbox does not look inside.");
        if (conversation.Context is { } context)
            notes.Add($"The context in force begins “{Quoted(context.Text)}”.");
        return notes;
    }

    private static string EarlierLanguage(Conversation conversation) =>
        conversation.Earlier.Reverse().Select(turn => CodeSamples.LanguageIn(Start(turn.Text))).FirstOrDefault(language => language is not null) ?? CodeSamples.Default;

    internal static string Quoted(string text) => Topic.Beginning(Start(text), QuotedWords);

    internal static string Start(string text) => text.Length <= 2000 ? text : text[..2000];
}
