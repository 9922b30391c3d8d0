using System.Text;

namespace ChatMvc.Sandbox.Answers;

/// <summary>
/// Paragraphs about any topic, to a number of words. A theme's sentences are used up before the next theme; when all are
/// used they come again with another telling word and another beginning.
/// </summary>
internal sealed class Prose
{
    private const int ParagraphWords = 75;

    private readonly Topic topic;
    private readonly Draw draw;
    private readonly List<(string Title, Queue<string> Sentences)> themes;
    private int theme;
    private int round;
    private int used;

    public Prose(Topic topic, Draw draw)
    {
        this.topic = topic;
        this.draw = draw;
        // Themes come in any order; the sentences of one lean on those before.
        themes = [.. draw.Shuffled(ProseThemes.All).Select(given => (given.Title, new Queue<string>(given.Sentences)))];
    }

    /// <summary>A heading for what comes next.</summary>
    public string Heading => themes[theme].Title + (round > 0 ? $", and {topic.Word(round + theme)}" : "");

    /// <summary>One sentence; the words of the topic stand in it.</summary>
    public string Sentence()
    {
        if (themes[theme].Sentences.Count == 0)
            NextTheme();
        var sentence = Filled(themes[theme].Sentences.Dequeue());
        return round == 0 ? sentence : draw.One(ProseThemes.Turns).Replace("{f}", topic.Word(round + used)) + Uncapital(sentence);
    }

    /// <summary>Moves on to the next theme, with its own heading.</summary>
    public void NextTheme()
    {
        theme = (theme + 1) % themes.Count;
        if (themes[theme].Sentences.Count > 0)
            return;
        round++;
        for (var i = 0; i < themes.Count; i++)
        {
            var again = Array.Find(ProseThemes.All, given => given.Title == themes[i].Title).Sentences;
            if (themes[i].Sentences.Count == 0)
                themes[i] = (themes[i].Title, new Queue<string>(again));
        }
    }

    /// <summary>Whole sentences, as near to so many words as they come; at least one.</summary>
    public string Paragraph(int words)
    {
        var paragraph = new StringBuilder(Sentence());
        var have = CountWords(paragraph.ToString());
        while (have < words - ProseThemes.MeanWords / 2)
        {
            var next = Sentence();
            paragraph.Append(' ').Append(next);
            have += CountWords(next);
        }
        return paragraph.ToString();
    }

    /// <summary>Paragraphs that come to so many words together.</summary>
    public IEnumerable<string> Paragraphs(int words)
    {
        while (words > ProseThemes.MeanWords / 2)
        {
            var paragraph = Paragraph(words < ParagraphWords * 3 / 2 ? words : ParagraphWords + draw.Below(30) - 15);
            words -= CountWords(paragraph);
            yield return paragraph;
        }
    }

    public static int CountWords(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    private string Filled(string sentence) => sentence
        .Replace("{t}", topic.Phrase).Replace("{T}", topic.Capital).Replace("{f}", topic.Word(used++));

    private static string Uncapital(string sentence) => sentence.Length > 1 && char.IsLower(sentence[1]) ? char.ToLowerInvariant(sentence[0]) + sentence[1..] : sentence;
}
