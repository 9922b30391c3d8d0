using System.Globalization;
using System.Text.RegularExpressions;

namespace ChatMvc.Sandbox.Answers;

internal enum Recipe { Explain, Greeting, Recall, Echo, Translation, Maths, Essay, Poem, Summary, Code, Comparison, HowTo, List, Fact }

/// <summary>
/// What a question asks for, read from its words: which recipe fits, what it is about, in which programming language,
/// about how many words (null: what is usual), and how many items of a list.
/// </summary>
internal sealed partial record Question(string Text, Recipe Recipe, Topic Topic, string? Language, int? Words, int? Items)
{
    // Enough to see what is asked; a summary reads more of the text itself.
    private const int MaxRead = 2000;
    private const int ShortWords = 45;
    private const int LongWords = 700;
    public const int MaxWords = 20_000;
    public const int MaxItems = 60;

    public static Question Read(string text)
    {
        var read = text.Length > MaxRead ? text[..MaxRead] : text;
        var language = CodeSamples.LanguageIn(read);
        var words = WordsAsked(read);
        var recipe = RecipeOf(read, language, words);
        return new(text, recipe, Topic.In(read), language, words, ItemsAsked(read));
    }

    public static bool AsksToContinue(string text) => Continue().IsMatch(text);

    private static Recipe RecipeOf(string text, string? language, int? words) =>
        Recall().IsMatch(text) ? Recipe.Recall
        : Greeting().IsMatch(text) ? Recipe.Greeting
        : Echo().IsMatch(text) ? Recipe.Echo
        : PhraseBook.Asks(text) ? Recipe.Translation
        : Arithmetic.In(text) is not null ? Recipe.Maths
        : Poem().IsMatch(text) ? Recipe.Poem
        : Summary().IsMatch(text) ? Recipe.Summary
        : Comparison().IsMatch(text) ? Recipe.Comparison
        : Code().IsMatch(text) || language is not null && InLanguage().IsMatch(text) ? Recipe.Code
        : words > ShortWords || Essay().IsMatch(text) ? Recipe.Essay
        : HowTo().IsMatch(text) ? Recipe.HowTo
        : List().IsMatch(text) ? Recipe.List
        : Facts.In(text) is not null ? Recipe.Fact
        : Recipe.Explain;

    private static int? WordsAsked(string text)
    {
        if (Number(WordCount().Match(text)) is { } words)
            return Math.Clamp(words, 1, MaxWords);
        if (Number(ParagraphCount().Match(text)) is { } paragraphs)
            return Math.Clamp(paragraphs * 80, 1, MaxWords);
        if (Number(SentenceCount().Match(text)) is { } sentences)
            return Math.Clamp(sentences * 18, 1, MaxWords);
        return Short().IsMatch(text) ? ShortWords : Long().IsMatch(text) ? LongWords : null;
    }

    private static int? ItemsAsked(string text) => Number(ItemCount().Match(text)) is { } items ? Math.Clamp(items, 1, MaxItems) : null;

    private static int? Number(Match match) => !match.Success ? null
        : int.TryParse(match.Groups[1].Value.Replace(",", ""), CultureInfo.InvariantCulture, out var number) ? number
        : match.Groups[1].Value.ToLowerInvariant() switch
        {
            "a" or "an" or "one" => 1,
            "two" => 2,
            "three" => 3,
            "four" => 4,
            "five" => 5,
            "six" => 6,
            "seven" => 7,
            "eight" => 8,
            "nine" => 9,
            "ten" => 10,
            "twelve" => 12,
            "twenty" => 20,
            _ => null,
        };

    private const string Count = @"(\d{1,3}(?:,\d{3})+|\d{1,7}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)";
    private const RegexOptions Loose = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"\b" + Count + @"[ -]words?\b", Loose)]
    private static partial Regex WordCount();

    [GeneratedRegex(@"\b" + Count + @"[ -](?:\w+ )?paragraphs?\b", Loose)]
    private static partial Regex ParagraphCount();

    [GeneratedRegex(@"\b" + Count + @"[ -](?:\w+ )?sentences?\b", Loose)]
    private static partial Regex SentenceCount();

    [GeneratedRegex(@"\b" + Count + @" (?:\w+ ){0,2}(?:items?|ideas?|things?|examples?|tips?|ways?|steps?|reasons?|names?|points?|bullets?|facts?|questions?|suggestions?|books?|options?|benefits?|rules?|rows?|lines?)\b", Loose)]
    private static partial Regex ItemCount();

    [GeneratedRegex(@"\b(?:short|shortly|brief|briefly|concise|concisely|quick|tl;?dr|in a nutshell|in a few words)\b", Loose)]
    private static partial Regex Short();

    [GeneratedRegex(@"\b(?:long|longer|detailed|in detail|in depth|in-depth|thorough|thoroughly|comprehensive|extensive|at length)\b", Loose)]
    private static partial Regex Long();

    [GeneratedRegex(@"^\W*(?:please )?(?:continue|go on|keep going|carry on|more|tell me more|and then|next|go ahead)\b.{0,40}$", Loose)]
    private static partial Regex Continue();

    [GeneratedRegex(@"\b(?:did i (?:say|ask|tell|mention|call)|have i (?:said|asked|told)|(?:my|the) (?:first|last|previous|earlier) (?:question|message)|what(?:'s| is|’s) my name|do you remember|remind me what)\b", Loose)]
    private static partial Regex Recall();

    [GeneratedRegex(@"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|thanks|thank you|howdy|test|testing|ping)\b.{0,30}$", Loose)]
    private static partial Regex Greeting();

    [GeneratedRegex(@"^\W*(?:please )?(?:say|repeat|echo|reply with|answer with|respond with)\b(?! (?:something|more))", Loose)]
    private static partial Regex Echo();

    [GeneratedRegex(@"\b(?:poem|haiku|sonnet|limerick|verse|lyrics|song)\b", Loose)]
    private static partial Regex Poem();

    [GeneratedRegex(@"\b(?:summari[sz]e|summary|sum up|tl;?dr|key points)\b", Loose)]
    private static partial Regex Summary();

    [GeneratedRegex(@"\b(?:compare|comparison|versus|vs\.?|differences? between|better than|pros and cons|which is better)\b", Loose)]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\b(?:write|show|give|make|create|implement|generate|need|want|how|fix|debug|refactor|example)\b.{0,80}\b(?:code|function|script|program|snippet|class|algorithm|regex|regular expression|query|loop|method|unit test)\b", Loose | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\b(?:in|using|with) (?:plain )?\S+\s*(?:code|script)?\W*$|\b(?:implement|write|code|program|print|sort|parse)\b", Loose)]
    private static partial Regex InLanguage();

    [GeneratedRegex(@"\b(?:essay|article|story|blog post|report|speech|letter|chapter)\b", Loose)]
    private static partial Regex Essay();

    [GeneratedRegex(@"\b(?:how (?:do|can|should|would|could|to)|steps? (?:to|for)|guide|tutorial|instructions|recipe|plan (?:for|to)|checklist|teach me)\b", Loose)]
    private static partial Regex HowTo();

    [GeneratedRegex(@"\b(?:list|ideas?|examples?|suggest|suggestions|recommend|name (?:some|a few|\d+)|top \d+|tips|ways to|reasons|brainstorm|bullet)\b", Loose)]
    private static partial Regex List();
}
