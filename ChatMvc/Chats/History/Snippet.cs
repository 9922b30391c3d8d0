using System.Text;

namespace ChatMvc.Chats.History;

/// <summary>Plain text: whoever shows it encodes it.</summary>
public readonly record struct SnippetPart(string Text, bool IsHit);

/// <summary>The part of a text that says most about why it was found, with the words that were looked for told apart.</summary>
public static class Snippet
{
    /// <summary>In characters of the text; about three lines.</summary>
    private const int Length = 240;
    /// <summary>Kept before the first of the words.</summary>
    private const int Lead = 60;
    private const char Gap = '…';

    /// <summary>A short text, whole.</summary>
    public static IReadOnlyList<SnippetPart> Whole(string text, SearchQuery query) => Parts(text, 0, text.Length, Marks(text, query));

    public static IReadOnlyList<SnippetPart> Of(string text, SearchQuery query)
    {
        var marks = Marks(text, query);
        var start = Start(text, marks);
        return Parts(text, start, End(text, start), marks);
    }

    /// <summary>Where the terms stand, in their order; a mark carries the number of its term.</summary>
    private static List<Mark> Marks(string text, SearchQuery query)
    {
        var (words, marks, terms) = (SearchText.Words(text), new List<Mark>(), query.Wanted.ToList());
        for (var at = 0; at < words.Count; at++)
            for (var term = 0; term < terms.Count; term++)
                if (IsAt(words, at, terms[term])) marks.Add(new(words[at].Start, words[at + terms[term].Words.Count - 1].End, term));
        return marks;
    }

    private static bool IsAt(List<SearchWord> words, int at, SearchTerm term)
    {
        if (at + term.Words.Count > words.Count) return false;
        for (var i = 0; i < term.Words.Count; i++)
        {
            var (word, wanted, isLast) = (words[at + i].Folded, term.Words[i], i == term.Words.Count - 1);
            if (!(isLast && term.IsPrefix ? word.StartsWith(wanted, StringComparison.Ordinal) : word == wanted)) return false;
        }
        return true;
    }

    /// <summary>The earliest place from which most of the terms are to be seen.</summary>
    private static int Start(string text, List<Mark> marks)
    {
        var (best, most, last) = (0, 0, 0);
        for (var first = 0; first < marks.Count; first++)
        {
            while (last < marks.Count && marks[last].End <= marks[first].Start + Length - Lead) last++;
            var seen = marks[first..Math.Max(first, last)].DistinctBy(m => m.Term).Count();
            if (seen > most) (best, most) = (marks[first].Start, seen);
        }
        if (best + Length / 2 <= Length) return 0;
        // At a blank where there is one near, and never within a pair of surrogates.
        var start = best - Lead;
        var blank = text.IndexOfAny(Blanks, start, Lead / 2);
        return blank >= 0 ? blank + 1 : char.IsLowSurrogate(text[start]) ? start + 1 : start;
    }

    private static int End(string text, int start)
    {
        var end = start + Length;
        if (end >= text.Length) return text.Length;
        var blank = text.LastIndexOfAny(Blanks, end - 1, Lead / 2);
        return blank >= 0 ? blank : char.IsLowSurrogate(text[end]) ? end - 1 : end;
    }

    private static List<SnippetPart> Parts(string text, int start, int end, List<Mark> marks)
    {
        var (parts, piece, at) = (new List<SnippetPart>(), new StringBuilder(), start);
        if (start > 0) piece.Append(Gap);
        foreach (var mark in marks.Where(m => m.End <= end))
        {
            if (mark.Start < at) continue;
            Take(mark.Start);
            Close(isHit: false);
            Take(mark.End);
            Close(isHit: true);
        }
        Take(end);
        if (end < text.Length) piece.Append(Gap);
        Close(isHit: false);
        return parts;

        // Lines become one, and the signs of Markdown that are nobody's words are left out.
        void Take(int until)
        {
            for (; at < until; at++)
            {
                var c = char.IsWhiteSpace(text[at]) || char.IsControl(text[at]) ? ' ' : text[at];
                if (c is '*' or '`' or '#' or '|' or '~') continue;
                if (c != ' ' || !(piece.Length == 0 ? parts.Count == 0 || parts[^1].Text.EndsWith(' ') : piece[^1] == ' ')) piece.Append(c);
            }
        }

        void Close(bool isHit)
        {
            if (piece.Length > 0) parts.Add(new(piece.ToString(), isHit));
            piece.Clear();
        }
    }

    private static readonly char[] Blanks = [' ', '\n', '\t'];

    private readonly record struct Mark(int Start, int End, int Term);
}
