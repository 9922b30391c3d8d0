using System.Text.RegularExpressions;

namespace ChatMvc.Sandbox.Answers;

/// <summary>Short answers, as Markdown blocks; the first block opens the answer.</summary>
internal static partial class Replies
{
    private const int MaxRecalled = 10;
    private const int SummarySentences = 4;
    private const int SummaryReads = 20_000;

    public static List<string> Greeting() =>
    [
        "Hello! It is good to hear from you.",
        "You could ask me to",
        """
        - **explain** something: “Explain how tides work”
        - **compare** two things: “Compare tea and coffee”
        - write **code**: “Write a Python function that counts words”
        - give you **steps**: “How do I repot a plant?”
        - or write at length: “Write 500 words about lighthouses”
        """,
    ];

    public static List<string> Recall(Conversation conversation)
    {
        var earlier = conversation.Earlier.Where(turn => turn.Text.Length > 0).ToList();
        if (earlier.Count == 0)
            return ["This is the first message of yours that reached me in this conversation, so there is nothing earlier to look back on."];
        var lines = earlier.TakeLast(MaxRecalled).Select((turn, i) => $"{i + 1}. “{Topic.Beginning(CannedAnswer.Start(turn.Text), 24)}”");
        return [$"So far you have written {(earlier.Count == 1 ? "one message" : $"{earlier.Count} messages")} before this one:", string.Join('\n', lines)];
    }

    public static List<string> Echo(Question question) => [Topic.Beginning(CannedAnswer.Start(EchoVerb().Replace(question.Text, "", 1)), 60) is { Length: > 0 } words ? words : "Nothing to say."];

    public static List<string> Translation(Question question)
    {
        var (language, known) = PhraseBook.Translate(CannedAnswer.Start(question.Text));
        if (known.Count == 0)
            return [$"My phrase book has nothing for this in {language}.", $"It holds greetings and everyday words in {string.Join(", ", PhraseBook.Languages)}; try “Translate good morning to French”."];
        var rows = known.Select(entry => $"| {entry.English} | **{entry.Foreign}** |");
        return [$"In {language}: **{string.Join(" … ", known.Select(entry => entry.Foreign))}**", $"| English | {language} |\n|---|---|\n{string.Join('\n', rows)}", "Words that are not in the table are not in the phrase book."];
    }

    public static List<string> Maths(Question question)
    {
        var sum = Arithmetic.In(CannedAnswer.Start(question.Text))!;
        var shown = sum.Expression.Replace("`", "");
        return [$"`{shown}` comes to **{sum.Result}**.", $"```text\n{shown} = {sum.Result}\n```", "Brackets first, then powers, then times and divided by, then plus and minus."];
    }

    public static List<string> Fact(Question question) => Facts.In(CannedAnswer.Start(question.Text)) is { Length: > 0 } fact
        ? [fact]
        : [$"I do not know this about {question.Topic.Phrase}.", "The sandbox holds a handful of facts (capitals, the boiling point of water, the speed of light) and makes none up. A real model would answer here."];

    public static List<string> Summary(Conversation conversation, Question question)
    {
        var own = question.Text.Length > 200;
        var text = own ? question.Text : conversation.LastAnswer?.Text ?? question.Text;
        var sentences = Sentence().Matches(text.Length > SummaryReads ? text[..SummaryReads] : text)
            .Select(match => Topic.Beginning(match.Value, 30)).Where(sentence => Prose.CountWords(sentence) > 4).ToList();
        if (sentences.Count == 0)
            return [$"There is little to summarise about {question.Topic.Phrase} yet.", "Paste the text after your request, or ask after a longer answer."];
        var step = Math.Max(1, sentences.Count / SummarySentences);
        var points = sentences.Where((_, i) => i % step == 0).Take(SummarySentences);
        return
        [
            $"In short, {(own ? "the text" : "the last answer")} of {Prose.CountWords(text)} words comes down to this:",
            string.Join('\n', points.Select(point => $"- {point}")),
            $"> Words that stand out: {string.Join(", ", Topic.In(CannedAnswer.Start(text)).Words.Take(5).Select(word => $"**{word}**"))}",
        ];
    }

    [GeneratedRegex(@"^\W*(?:please )?(?:say|repeat|echo|reply with|answer with|respond with)\b(?: (?:after me|exactly|only|just|the words?|back))*\W*", RegexOptions.IgnoreCase)]
    private static partial Regex EchoVerb();

    [GeneratedRegex(@"[^.!?\n]{20,400}[.!?\n]")]
    private static partial Regex Sentence();
}
