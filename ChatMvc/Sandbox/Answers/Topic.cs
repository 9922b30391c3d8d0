using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ChatMvc.Sandbox.Answers;

/// <summary>
/// What a question is about: a phrase out of it, in plain words that need no escaping, and its telling words.
/// </summary>
internal sealed partial record Topic(string Phrase, IReadOnlyList<string> Words)
{
    private const int MaxPhraseWords = 9;
    private const int MaxWordCharacters = 28;

    private static readonly HashSet<string> Small = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "about", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did", "do",
        "does", "each", "for", "from", "get", "give", "had", "has", "have", "how", "i", "if", "in", "into", "is", "it", "its", "just", "know",
        "let", "like", "make", "may", "me", "might", "more", "most", "much", "my", "need", "no", "not", "of", "on", "one", "or", "our", "out",
        "please", "should", "show", "so", "some", "tell", "than", "that", "the", "their", "them", "then", "there", "these", "they", "thing",
        "this", "to", "too", "up", "us", "use", "using", "very", "want", "was", "we", "were", "what", "when", "where", "which", "who", "why",
        "will", "with", "would", "write", "you", "your", "explain", "describe", "words", "word", "short", "long", "brief", "briefly", "detail",
        "sentence", "sentences", "paragraph", "paragraphs", "list", "compare", "summarise", "summarize", "code", "function", "program", "script",
        "difference", "differences", "between", "versus", "vs", "help", "really", "answer", "question", "markdown", "table", "few",
    };

    /// <summary>The phrase with a capital at its start.</summary>
    public string Capital => char.ToUpperInvariant(Phrase[0]) + Phrase[1..];

    /// <summary>A telling word, another for each number.</summary>
    public string Word(int number) => Words[number % Words.Count];

    /// <summary>The topic as something to do, such as "repot a plant", when the question was how to do it.</summary>
    public string? Doing { get; private init; }

    public static bool IsSmall(string word) => Small.Contains(word);

    public static Topic In(string text)
    {
        var plain = Plain(text);
        var doing = ToDo().Match(plain) is { Success: true } todo ? Trimmed(todo.Groups[1].Value) : "";
        var phrase = doing.Length > 0 ? Gerund(doing) : Named(plain);
        var words = Telling(phrase);
        if (words.Count == 0)
            words = Telling(plain);
        if (words.Count == 0)
            return new("your question", ["question"]);
        // A whole sentence about oneself is no name for a topic; its weightiest word is.
        return new(Telling(phrase).Count > 0 && !Personal().IsMatch(phrase) ? phrase : words.MaxBy(word => word.Length)!, words)
        {
            Doing = doing.Length > 0 ? doing : null,
        };
    }

    /// <summary>The two sides of a comparison, or the topic and what else there is.</summary>
    public static (string Left, string Right) Sides(string text)
    {
        var match = Versus().Match(Plain(text));
        var (left, right) = match.Success ? (Trimmed(match.Groups[1].Value), Trimmed(match.Groups[2].Value)) : ("", "");
        return left.Length > 0 && right.Length > 0 ? (left, right) : (In(text).Phrase, "the alternatives");
    }

    /// <summary>Letters, digits and what joins them; nothing that Markdown or HTML would read as its own.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark || rune.Value is '\'' or '’' or '-' or '+' or '#' or '%' or '/')
                plain.Append(rune.ToString());
            else if (rune.Value is '.' or '?' or '!' or ':' or ';' or ',' or '\n')
                plain.Append(rune.Value == ',' ? " , " : " . ");
            else
                plain.Append(' ');
        }
        return Spaces().Replace(plain.ToString(), " ").Trim();
    }

    /// <summary>The first words of a text, as a quotation that needs no escaping.</summary>
    public static string Beginning(string text, int words)
    {
        var all = Plain(text).Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => word is not ("." or ",")).ToList();
        return string.Join(' ', all.Take(words).Select(Cut)) + (all.Count > words ? " …" : "");
    }

    private static string Named(string plain)
    {
        if (Purpose().Match(plain) is { Success: true } purpose)
            return Gerund(Trimmed(purpose.Groups[1].Value), thirdPerson: true);
        if (Why().Match(plain) is { Success: true } why)
            return why.Groups[1].Value;
        if (Works().Match(plain) is { Success: true } works)
            return Trimmed(works.Groups[1].Value);
        if (After().Match(plain) is { Success: true } after)
            return Trimmed(after.Groups[1].Value);
        var rest = Trimmed(Lead().Replace(plain, "", 1));
        return Order().IsMatch(rest) ? Gerund(rest) : rest;
    }

    /// <summary>"bake bread" → "baking bread", "runs a mile" → "running a mile": near enough for prose.</summary>
    private static string Gerund(string phrase, bool thirdPerson = false)
    {
        var space = phrase.IndexOf(' ');
        var (verb, rest) = space < 0 ? (phrase, "") : (phrase[..space], phrase[space..]);
        if (thirdPerson && verb.Length > 3 && verb.EndsWith('s') && !verb.EndsWith("ss", StringComparison.Ordinal))
            verb = verb[..^1];
        if (verb.EndsWith("ing", StringComparison.Ordinal) || verb.Length < 2)
            return phrase;
        if (verb.EndsWith('e') && !verb.EndsWith("ee", StringComparison.Ordinal))
            verb = verb[..^1];
        else if (OneShortVowel().IsMatch(verb))
            verb += verb[^1];
        return $"{verb}ing{rest}";
    }

    private static string Trimmed(string phrase)
    {
        var end = phrase.IndexOf(" . ", StringComparison.Ordinal);
        var words = (end > 0 ? phrase[..end] : phrase).Replace(" ,", "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word != ".").Take(MaxPhraseWords).Select(Cut).ToList();
        while (words.Count > 0 && Small.Contains(words[^1]))
            words.RemoveAt(words.Count - 1);
        return Tail().Replace(string.Join(' ', words), "");
    }

    private static List<string> Telling(string text) =>
        [.. text.Split(' ').Where(word => word.Length > 2 && !Small.Contains(word) && !char.IsDigit(word[0])).Select(Cut).Distinct(StringComparer.OrdinalIgnoreCase).Take(8)];

    private static string Cut(string word) => word.Length <= MaxWordCharacters ? word : word[..(MaxWordCharacters - (char.IsHighSurrogate(word[MaxWordCharacters - 1]) ? 1 : 0))];

    private const RegexOptions Loose = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"\b(?:how (?:to|(?:do|can|should|could|would) (?:i|you|we|one))|steps (?:to|for)|guide to|ways to|reasons to|teach me(?: how)? to|plan to|help me(?: to)?) (.+)$", Loose)]
    private static partial Regex ToDo();

    // "a function that finds primes"
    [GeneratedRegex(@"\b(?:function|code|program|script|class|query|method|snippet|algorithm|tool|app) (?:\S+ ){0,3}?(?:that|which|to) (.+)$", Loose)]
    private static partial Regex Purpose();

    // "why is the sky blue": the sky
    [GeneratedRegex(@"^(?:\S+ ){0,3}?why (?:is|are|was|were|do|does|did|has|have|can't|can|don't) ((?:(?:the|a|an|my|our|some|most) )?\S+)", Loose)]
    private static partial Regex Why();

    [GeneratedRegex(@"\bhow (?:does |do |did |is |are )?(.+?) (?:works?|worked|happens?|made|done|formed|grows?|functions?)\b", Loose)]
    private static partial Regex Works();

    // What follows "about" and its like is what the person means.
    [GeneratedRegex(@"\b(?:about|regarding|concerning|difference between|differences between|on the (?:topic|subject) of|words on|essay on|article on|report on|ideas? (?:of|for)|tips (?:for|on)|names for|reasons for|(?:poem|story|song|haiku) (?:on|of|for)|invented|painted|wrote|discovered|built) (.+)$", Loose)]
    private static partial Regex After();

    [GeneratedRegex(@"^(?:(?:please|can you|could you|would you|i want you to|i need|i want|i would like|hi|hello|so|ok|okay|now|and|,|\.) )*(?:(?:explain|describe|tell me|show me|give me|list|compare|summari[sz]e|write(?: me)?|what(?:'s| is| are| was| were| about)|how about|who(?:'s| is| was)|where (?:is|are)|when (?:did|was|is)|how (?:many|much|old|far|tall|big)|translate|create|make|implement|draft|define|discuss|recommend|suggest) )?(?:the following )?(?:briefly |in detail )?(?:a (?:short|long|brief|detailed) |some |an? )?(?:\d+ )?", Loose)]
    private static partial Regex Lead();

    [GeneratedRegex(@"^(?:sort|print|parse|read|count|find|build|bake|cook|draw|fix|debug|refactor|plan|learn|reverse|convert|check|improve|design)\b", Loose)]
    private static partial Regex Order();

    [GeneratedRegex(@"^(?:i|i'm|i've|we|you|my|it|there|he|she|they|is|are|do|does|can|should|will|what|which|who)\b", Loose)]
    private static partial Regex Personal();

    [GeneratedRegex(@"^(?:re|un)?[^aeiou]*[aeiou][bdgmnprt]$", Loose)]
    private static partial Regex OneShortVowel();

    [GeneratedRegex(@"(?:.*\b(?:compare|between|comparison of|better|pros and cons of|choose|prefer)\b(?: [.,])?|^) ?(.+?) (?:and|versus|vs|or|with|against|to|than) (.+?)(?: (?:for|in|when|as|if|on) .*)?(?: [.,].*)?$", Loose)]
    private static partial Regex Versus();

    [GeneratedRegex(@" (?:in (?:about |under |at most )?\d+ words|in (?:one|two|three|a few|\d+) (?:sentences?|paragraphs?|words)|step by step|in detail|briefly|in depth|as a (?:table|list)|(?:in|using|with) (?:c#|c\+\+|[a-z]*script|python|java|go|rust|ruby|php|sql|bash|kotlin|swift))$", Loose)]
    private static partial Regex Tail();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
