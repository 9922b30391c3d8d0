using System.Globalization;

namespace ChatMvc.Bench.Servers;

/// <summary>How the stand-in is to answer one question; it stands at the end of that question's text.</summary>
/// <param name="Id">Of the question, unique in one run of the program.</param>
/// <param name="Tokens">How many.</param>
/// <param name="Delay">Milliseconds from one token to the next.</param>
/// <param name="First">Milliseconds to the first.</param>
internal sealed record Wish(int Id, int Tokens, int Delay, int First)
{
    private const string Open = "[[", Close = "]]";
    /// <summary>Tokens carry their number in three digits.</summary>
    public const int MaxTokens = 1_000;

    private static int last;

    public static Wish New(int tokens, int delay, int first) => new(Interlocked.Increment(ref last), tokens, delay, first);

    public string Question => $"How is good bread made at home, and what goes wrong? {Open}{Id} {Tokens} {Delay} {First}{Close}";

    /// <summary>The wish in a question; null where there is none.</summary>
    public static Wish? In(string question)
    {
        var open = question.LastIndexOf(Open, StringComparison.Ordinal);
        if (open < 0 || question.IndexOf(Close, open, StringComparison.Ordinal) is var close && close < 0) return null;
        var numbers = question[(open + Open.Length)..close].Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        return new Wish(numbers[0], numbers[1], numbers[2], numbers[3]);
    }
}

/// <summary>The words of the stand-in: each says which it is, so that a follower can tell what it has got.</summary>
internal static class Tokens
{
    // With a dot, which no random key in an address holds.
    private static ReadOnlySpan<byte> Mark => "zq."u8;
    private const int Digits = 3;
    /// <summary>A word, a space; now and then a paragraph ends.</summary>
    private const int WordsPerParagraph = 25;

    public static string Text(int number) => Word(number) + ((number + 1) % WordsPerParagraph == 0 ? "\n\n" : " ");

    private static string Word(int number) => $"zq.{number:D3}";

    /// <summary>The number of the last word in a text; -1 where there is none.</summary>
    public static int LastIn(ReadOnlySpan<byte> html)
    {
        var at = html.LastIndexOf(Mark);
        return at >= 0 && html.Length >= at + Mark.Length + Digits ? NumberAt(html[(at + Mark.Length)..]) : -1;
    }

    /// <summary>Whether a text holds the words from the first to the last, each once, in order.</summary>
    public static bool AreWholeIn(ReadOnlySpan<byte> html, int count)
    {
        for (var number = 0; ; number++)
        {
            var at = html.IndexOf(Mark);
            if (at < 0) return number == count;
            html = html[(at + Mark.Length)..];
            if (html.Length < Digits || NumberAt(html) != number) return false;
        }
    }

    private static int NumberAt(ReadOnlySpan<byte> text) => (text[0] - '0') * 100 + (text[1] - '0') * 10 + text[2] - '0';
}
