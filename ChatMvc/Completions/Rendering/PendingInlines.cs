using System.Buffers;
using System.Text;

namespace ChatMvc.Completions.Rendering;

/// <summary>Finds the delimiter from which on the text at the end of a paragraph may still change its meaning.</summary>
/// <remarks>
/// A simple reading of CommonMark's inline rules: it need not be exact, since a wrong answer costs a moment of waiting or
/// a piece shown as written until the block ends, never safety.
/// </remarks>
internal ref struct PendingInlines
{
    // UTF-16 units. A delimiter that found no partner for so long is probably meant as itself: "*args", "a[i".
    private const int LongestWait = 160;

    // UTF-16 units from a link's bracket, as an address is longer than a phrase; no partner is looked for farther away.
    private const int LongestLink = 2_200;

    private static readonly SearchValues<char> EntityName =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    private static readonly string[] AddressStarts = ["https://", "http://", "www.", "mailto:"];

    private readonly ReadOnlySpan<char> text;
    private readonly bool mayBeTable;
    private readonly int start;
    private readonly List<Opener> openers = [];
    private int at;

    private PendingInlines(ReadOnlySpan<char> text, int start, bool mayBeTable)
    {
        this.text = text;
        this.start = at = start;
        this.mayBeTable = mayBeTable;
    }

    private readonly record struct Opener(int At, char Character, int Length, bool CanClose);

    /// <summary>Position of the first undecided delimiter, or the text's length.</summary>
    public static int Start(ReadOnlySpan<char> text, int paragraphStart, bool mayBeTable) =>
        new PendingInlines(text, paragraphStart, mayBeTable).Find();

    private int Find()
    {
        var pending = text.Length;
        while (at < text.Length && pending == text.Length)
        {
            var here = at;
            var decided = text[here] switch
            {
                '\\' => SkipFormula() ?? SkipEscape(),
                '$' => SkipFormula() ?? Skip(1),
                '`' => SkipCode(),
                '*' or '_' or '~' => TakeRun(),
                '!' or '[' => SkipLink(),
                '<' => SkipAddressInAngles(),
                '&' => SkipEntity(),
                '|' => SkipPipe(),
                'h' or 'H' or 'w' or 'W' or 'm' or 'M' => SkipBareAddress(),
                _ => Skip(1),
            };
            if (!decided) pending = here;
        }

        foreach (var opener in openers)
            if (text.Length - opener.At <= LongestWait)
                return Math.Min(pending, opener.At);
        return pending;
    }

    private bool Skip(int count)
    {
        at += count;
        return true;
    }

    private bool SkipEscape() => at + 1 < text.Length && !text[(at + 1)..].IsWhiteSpace() && Skip(2);

    // One that has just ended waits too: what follows it may make text of it. A dollar alone is more often money.
    private bool? SkipFormula()
    {
        var length = FormulaSource.LengthAt(text, at);
        if (length == 0) return null;
        return length > 0 && at + length < text.Length ? Skip(length) : Wait(text[at] == '$' ? LongestWait : FormulaSource.Longest);
    }

    private readonly int RunLength(int from)
    {
        var run = text[from..].IndexOfAnyExcept(text[from]);
        return run < 0 ? text.Length - from : run;
    }

    // What waits too long is taken as itself.
    private bool Wait(int longest = LongestWait) => text.Length - at > longest && Skip(RunLength(at));

    private bool SkipCode()
    {
        var length = RunLength(at);
        for (var i = at + length; i < Math.Min(text.Length, at + LongestLink);)
        {
            if (text[i] != '`')
            {
                i++;
                continue;
            }

            var closing = RunLength(i);
            if (i + closing == text.Length) break;
            i += closing;
            if (closing == length) return Skip(i - at);
        }

        return Wait();
    }

    private bool TakeRun()
    {
        var length = RunLength(at);
        // A run at the very end may grow, and what follows says whether it opens or closes.
        if (at + length == text.Length) return false;

        var character = text[at];
        var before = RuneBefore(at);
        var after = RuneAfter(at + length);
        var opens = !Rune.IsWhiteSpace(after) && (!IsPunctuation(after) || Rune.IsWhiteSpace(before) || IsPunctuation(before));
        var closes = !Rune.IsWhiteSpace(before) && (!IsPunctuation(before) || Rune.IsWhiteSpace(after) || IsPunctuation(after));
        var canOpen = opens && (character != '_' || !closes || IsPunctuation(before));
        var canClose = closes && (character != '_' || !opens || IsPunctuation(after));

        var left = character == '~' && length != 2 ? 0 : length;
        if (canClose) left = Close(character, left, canOpen);
        if (canOpen && left > 0) openers.Add(new Opener(at, character, left, canClose));
        return Skip(length);
    }

    // Returns how much of the run is left.
    private readonly int Close(char character, int left, bool canOpen)
    {
        for (var i = openers.Count - 1; i >= 0 && left > 0; i--)
        {
            var opener = openers[i];
            if (opener.Character != character || IsOddMatch(opener, left, canOpen)) continue;

            openers.RemoveRange(i, openers.Count - i);
            if (opener.Length > left) openers.Add(opener with { Length = opener.Length - left });
            left -= Math.Min(left, opener.Length);
        }

        return left;
    }

    // CommonMark's rule of three.
    private static bool IsOddMatch(Opener opener, int closing, bool canOpen) =>
        (opener.CanClose || canOpen) && (opener.Length + closing) % 3 == 0 && (opener.Length % 3 != 0 || closing % 3 != 0);

    private readonly Rune RuneBefore(int position) =>
        position == start ? new Rune(' ') : Rune.DecodeLastFromUtf16(text[..position], out var rune, out _) == default ? rune : Rune.ReplacementChar;

    private readonly Rune RuneAfter(int position) =>
        Rune.DecodeFromUtf16(text[position..], out var rune, out _) == default ? rune : Rune.ReplacementChar;

    private static bool IsPunctuation(Rune rune) => Rune.IsPunctuation(rune) || Rune.IsSymbol(rune);

    private bool SkipLink()
    {
        var bracket = text[at] == '!' ? at + 1 : at;
        if (bracket == text.Length) return false;
        if (text[bracket] != '[') return Skip(1);

        var closing = Closing(bracket, '[', ']');
        if (closing < 0) return Wait();
        var next = closing + 1;
        if (next == text.Length) return Wait();
        // A definition shows nothing once its line is whole, and a paragraph may begin with several.
        if (text[next] == ':' && text[start..bracket].IsWhiteSpace() && text[at] == '[') return Wait(LongestLink);
        if (text[next] is not ('(' or '[')) return Skip(bracket + 1 - at);

        var end = text[next] == '(' ? Closing(next, '(', ')') : Closing(next, '[', ']');
        if (end >= 0) return Skip(end + 1 - at);
        return Wait(LongestLink);
    }

    private readonly int Closing(int opening, char open, char close)
    {
        var depth = 0;
        for (var i = opening; i < Math.Min(text.Length, opening + LongestLink); i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == open) depth++;
            else if (text[i] == close && --depth == 0) return i;
        }

        return -1;
    }

    private bool SkipAddressInAngles()
    {
        var rest = text[(at + 1)..];
        var end = rest.IndexOfAny(" \t\n<>");
        if (rest.Length > 0 && !char.IsAsciiLetterOrDigit(rest[0])) return Skip(1);
        if (end >= 0) return Skip(rest[end] == '>' && rest[..end].ContainsAny(':', '@') ? end + 2 : 1);
        return Wait();
    }

    private bool SkipEntity()
    {
        const int longestEntity = 33;
        var rest = text[(at + 1)..];
        var name = rest.StartsWith('#') ? rest[1..] : rest;
        var isOpen = rest.Length < longestEntity && !name.ContainsAnyExcept(EntityName);
        return !isOpen && Skip(1);
    }

    // In a paragraph's last line it may be a table's header, until the line after it is known.
    private bool SkipPipe()
    {
        var lineEnd = text[at..].IndexOf('\n');
        var isLastLine = lineEnd < 0 || text[(at + lineEnd)..].IsWhiteSpace();
        return mayBeTable && isLastLine ? Wait() : Skip(1);
    }

    private bool SkipBareAddress()
    {
        if (at > start && char.IsLetterOrDigit(text[at - 1])) return Skip(1);

        var rest = text[at..];
        if (rest.ContainsAny(" \t\n")) return Skip(1);
        foreach (var begin in AddressStarts)
            if (rest.StartsWith(begin.AsSpan(0, Math.Min(begin.Length, rest.Length)), StringComparison.OrdinalIgnoreCase))
                return Wait(LongestLink);
        return Skip(1);
    }
}
