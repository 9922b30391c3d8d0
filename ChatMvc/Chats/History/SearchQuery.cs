using System.Text;

namespace ChatMvc.Chats.History;

/// <summary>Words that have to follow each other, or a single one.</summary>
/// <param name="Words">As they are compared: letters and digits, and nothing else.</param>
/// <param name="IsPrefix">Whether the last of them may go on.</param>
/// <param name="IsExcluded">Whether it must not be there.</param>
public sealed record SearchTerm(IReadOnlyList<string> Words, bool IsPrefix, bool IsExcluded);

/// <summary>
/// What somebody typed: words that all must be there, <c>"phrases in quotes"</c>, <c>word*</c> for its beginning, <c>-word</c> for
/// none of it. The last word is taken as a beginning, too. Whatever else was typed is nothing: there is no malformed query.
/// </summary>
public sealed class SearchQuery
{
    public const int MaxLength = 200;
    public const int MaxTerms = 16;
    /// <summary>Letters of a beginning: one letter begins too many words to be looked for in time.</summary>
    private const int MinPrefix = 2, MinImpliedPrefix = 3;
    private const char Quote = '"';
    // Phones and word processors type these.
    private static readonly char[] Quotes = [Quote, '“', '”', '„', '«', '»'];

    private SearchQuery(IReadOnlyList<SearchTerm> terms) => Terms = terms;

    public IReadOnlyList<SearchTerm> Terms { get; }

    public IEnumerable<SearchTerm> Wanted => Terms.Where(t => !t.IsExcluded);

    /// <summary>Whether there is anything to look for: a word that is to be there.</summary>
    public bool IsEmpty => !Wanted.Any();

    public static SearchQuery Parse(string typed)
    {
        var terms = new List<SearchTerm>();
        var rest = typed.AsSpan().TrimEnd();
        while ((rest = rest.TrimStart()).Length > 0)
        {
            var isExcluded = rest is ['-', not (' ' or '-'), ..];
            if (isExcluded) rest = rest[1..];
            var isPhrase = Quotes.Contains(rest[0]);
            var part = isPhrase ? UpToQuote(rest[1..]) : UpToSpace(rest);
            rest = rest[Math.Min(rest.Length, part.Length + (isPhrase ? 2 : 0))..];
            if (TermOf(part.ToString(), isPhrase, isExcluded, isLast: rest.IsEmpty) is { } term) terms.Add(term);
        }
        return new SearchQuery(terms);
    }

    /// <summary>The query in the words of FTS5.</summary>
    /// <param name="column">Where the text is.</param>
    /// <param name="facts">What else has to hold: for each of them, tokens of the column <c>Facts</c> of which one has to be there.</param>
    public string Match(string column, params IEnumerable<IReadOnlyList<string>> facts)
    {
        var match = new StringBuilder();
        foreach (var any in facts) match.Append($"Facts : ({string.Join(" OR ", any.Select(f => $"\"{f}\""))}) AND ");
        match.Append($"{column} : ({string.Join(" AND ", Wanted.Select(Phrase))})");
        if (Terms.Any(t => t.IsExcluded)) match.Append($" NOT {column} : ({string.Join(" OR ", Terms.Where(t => t.IsExcluded).Select(Phrase))})");
        return match.ToString();
    }

    private static string Phrase(SearchTerm term) => $"\"{string.Join(' ', term.Words)}\"{(term.IsPrefix ? " *" : "")}";

    private static SearchTerm? TermOf(string part, bool isPhrase, bool isExcluded, bool isLast)
    {
        if (SearchText.Words(part) is not { Count: > 0 } words) return null;
        var isStarred = !isPhrase && part.EndsWith('*');
        var isImplied = isLast && !isPhrase && !isExcluded;
        var length = words[^1].IsAlone ? 0 : words[^1].Folded.Length;
        return new SearchTerm([.. words.Select(w => w.Folded)], isStarred && length >= MinPrefix || isImplied && length >= MinImpliedPrefix, isExcluded);
    }

    private static ReadOnlySpan<char> UpToQuote(ReadOnlySpan<char> text) => text.IndexOfAny(Quotes) is >= 0 and var end ? text[..end] : text;

    // A quote within a word begins the next part: so does one that was forgotten before it.
    private static ReadOnlySpan<char> UpToSpace(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
            if (char.IsWhiteSpace(text[i]) || Quotes.Contains(text[i])) return text[..i];
        return text;
    }
}
