using System.Text;

namespace ChatMvc.Bench.Servers;

/// <summary>Words that occur as those of a language do: the second half as often as the first, the third a third as often.</summary>
internal static class Vocabulary
{
    public const int Size = 30_000;
    private const int FirstWord = 731, Letters = 26;

    private static readonly double[] Sums = Cumulated();

    public static string Word(Random random)
    {
        var place = Array.BinarySearch(Sums, random.NextDouble() * Sums[^1]);
        return Word(Math.Min(Size - 1, place < 0 ? ~place : place));
    }

    /// <param name="rank">0 for the most frequent.</param>
    public static string Word(int rank)
    {
        var word = new StringBuilder();
        for (var rest = FirstWord + rank; rest > 0; rest /= Letters) word.Append((char)('a' + rest % Letters));
        return word.ToString();
    }

    /// <summary>A question of 15 words or an answer of 120.</summary>
    public static string Text(Random random, bool isAnswer) => string.Join(' ', Enumerable.Range(0, isAnswer ? 120 : 15).Select(_ => Word(random)));

    private static double[] Cumulated()
    {
        var (sums, sum) = (new double[Size], 0.0);
        for (var rank = 0; rank < Size; rank++) sums[rank] = sum += 1.0 / (rank + 1);
        return sums;
    }
}
