using System.Text;

namespace ChatMvc.Sandbox.Answers;

/// <summary>Longer answers, as Markdown blocks; the first block opens the answer.</summary>
internal static class Pages
{
    private const int UsualItems = 6;
    private const int UsualSteps = 6;
    private const int HeadingsFromWords = 130;
    private const int SectionWords = 165;
    private const int MaxEssayIdeas = 60;

    public static List<string> Explanation(Question question, Prose prose, Draw draw)
    {
        var topic = question.Topic;
        List<string> page =
        [
            draw.One<string>(
            [
                $"The short answer: there is more to **{topic.Phrase}** than the first look shows, and most of it can be said plainly.",
                $"**{topic.Capital}** is easier to follow when it is taken in three parts: where it comes from, how it holds together, and what to do with it.",
                $"Let us look at **{topic.Phrase}** from the outside first, and then open the lid.",
            ]),
            $"## {prose.Heading}", prose.Paragraph(65),
        ];
        prose.NextTheme();
        page.AddRange([$"### {prose.Heading}", prose.Paragraph(45), Bullets(Bank.Ideas(topic, draw).Take(3))]);
        if (question.Language is { } language)
            page.Add(Fenced(language, topic));
        prose.NextTheme();
        page.AddRange([$"> {prose.Sentence()}", $"If you want to read on, [an encyclopedia is a good next stop](https://en.wikipedia.org/wiki/Special:Search?search={Uri.EscapeDataString(topic.Phrase)})."]);
        return page;
    }

    /// <summary>About so many words in all, with headings and, now and then, a list, a quotation or a table.</summary>
    public static List<string> Essay(Question question, Prose prose, Draw draw, int words)
    {
        if (words < HeadingsFromWords)
            return [.. prose.Paragraphs(Math.Max(words, 1))];

        var page = new List<string> { prose.Paragraph(40) };
        var ideas = Bank.Ideas(question.Topic, draw).Take(MaxEssayIdeas).ToList();
        var left = words - Prose.CountWords(page[0]);
        for (var section = 0; left > ProseThemes.MeanWords / 2; section++)
        {
            if (section > 0 && left > SectionWords / 3)
            {
                prose.NextTheme();
                page.Add($"## {prose.Heading}");
                left -= Prose.CountWords(page[^1]);
            }
            var extra = left > SectionWords + 60 ? Extra(question, prose, ideas, section) : "";
            left -= Prose.CountWords(extra);
            var body = prose.Paragraphs(Math.Min(left, section == 0 ? SectionWords / 2 : SectionWords)).ToList();
            left -= body.Sum(Prose.CountWords);
            page.AddRange(body);
            if (extra.Length > 0)
                page.Add(extra);
        }
        return page;
    }

    public static List<string> Code(Question question, string language, Prose prose) =>
    [
        $"Here is a small {CodeSamples.DisplayName(language)} example for **{question.Topic.Phrase}**.",
        Fenced(language, question.Topic),
        "How it reads:",
        $"1. The input comes in line by line, so that it may be large.\n2. Words are compared in lower case; `{question.Topic.Word(0)}` and its capitalised twin count as one.\n3. The result is a value and not printed, which makes it easy to test.",
        $"**To adapt it** to {question.Topic.Phrase}, change what is counted and keep the shape. {prose.Sentence()}",
    ];

    public static List<string> Comparison(Question question, Prose prose, Draw draw, int room)
    {
        var (left, right) = Topic.Sides(CannedAnswer.Start(question.Text));
        var rows = draw.Shuffled<string>(
        [
            "| First results | after an evening | after a week |", "| What it asks of you | patience | attention to detail |", "| Running cost | low and steady | low, with surprises |",
            "| Goes wrong when | it is rushed | it is left alone |", "| Easy to change later | mostly | only at the start |", "| Help to be found | plenty | good, but scattered |", "| Best in | small groups | larger settings |",
        ]).Take(5);
        return
        [
            $"**{Capital(left)}** and **{right}** answer different needs, so the better one depends on what you are after.",
            $"| | {Capital(left)} | {Capital(right)} |\n|---|---|---|\n{string.Join('\n', rows)}",
            "### When to choose which",
            $"- Choose **{left}** when you want to start soon and correct as you go.\n- Choose **{right}** when the stakes are higher and the plan will hold.\n- Take *neither* when nobody will look after it.",
            .. prose.Paragraphs(Math.Max(room - 130, 45)),
        ];
    }

    public static List<string> HowTo(Question question, Prose prose, Draw draw, int room)
    {
        var topic = question.Topic;
        var steps = Bank.Steps(topic, draw, question.Items ?? UsualSteps);
        return
        [
            $"You can {topic.Doing ?? $"get somewhere with {topic.Phrase}"} in {steps.Count} {(steps.Count == 1 ? "step" : "steps")}; none of them is hard, and the order matters.",
            "### Before you start", $"- [x] Decide what “done” means\n- [ ] Lay out what you need for {topic.Word(0)}\n- [ ] Set aside an hour without interruptions",
            "### Steps", Numbered(steps),
            .. prose.Paragraphs(Math.Max(room - 170, 40)),
            $"> **Tip:** if you get stuck, go back to step {Math.Max(1, steps.Count / 2)} and do only that.",
        ];
    }

    public static List<string> List(Question question, Prose prose, Draw draw)
    {
        var count = question.Items ?? UsualItems;
        var items = Bank.Ideas(question.Topic, draw).Take(count);
        return [$"{(count == 1 ? "One idea" : $"{count} ideas")} on **{question.Topic.Phrase}**:", Numbered(items), $"{prose.Sentence()} Say which of them you like, and ask for more of its kind."];
    }

    public static List<string> Poem(Question question, Draw draw)
    {
        var (t, f) = (question.Topic.Phrase, question.Topic.Word(1));
        var stanzas = draw.Shuffled<string>(
        [
            $"The morning opens like a door  \non {t}, and a little more;  \nthe kettle hums, the windows clear,  \nand what was far away is near.",
            $"I asked the river what it knew  \nof {f}, and of me and you;  \nit said what rivers always say:  \nthat holding on gives all away.",
            $"So keep a lamp for {t},  \na chair, a page, a cup of tea;  \nthe night is long, the road is wide,  \nand someone walks it at your side.",
            $"They wrote of {f} in a book  \nthat nobody had time to look  \ninto, until the lights went out;  \nnow that is what they talk about.",
        ]);
        return [$"**{question.Topic.Capital}**", .. stanzas.Take(3)];
    }

    private static string Extra(Question question, Prose prose, List<string> ideas, int section) => (section % 5) switch
    {
        1 => Bullets(ideas.Skip(section / 5 * 3 % MaxEssayIdeas).Take(3)),
        2 => $"> {prose.Sentence()}",
        4 => $"| Question | Answer for {question.Topic.Word(section)} |\n|---|---|\n| Worth starting? | yes, small |\n| Worth finishing? | nearly always |\n| Worth repeating? | ask again in a week |",
        _ => "",
    };

    private static string Bullets(IEnumerable<string> items) => string.Join('\n', items.Select(item => $"- {item}"));

    private static string Numbered(IEnumerable<string> items) => string.Join('\n', items.Select((item, i) => $"{i + 1}. {item}"));

    private static string Fenced(string language, Topic topic) => $"```{language}\n{CodeSamples.For(language, topic)}\n```";

    private static string Capital(string phrase) => char.ToUpperInvariant(phrase[0]) + phrase[1..];
}
