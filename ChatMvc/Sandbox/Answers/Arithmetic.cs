using System.Globalization;
using System.Text.RegularExpressions;

namespace ChatMvc.Sandbox.Answers;

/// <summary>Sums in a question: + - * / ^ and brackets, "15% of 80", "square root of 2".</summary>
internal sealed partial record Arithmetic(string Expression, double Value)
{
    // Deeper brackets than anybody writes by hand.
    private const int MaxDepth = 50;

    /// <summary>The first sum in a text, worked out; null when there is none.</summary>
    public static Arithmetic? In(string text)
    {
        if (Percent().Match(text) is { Success: true } percent)
            return new($"{percent.Groups[1].Value} % of {percent.Groups[2].Value}", Number(percent.Groups[1].Value) / 100 * Number(percent.Groups[2].Value));
        if (Root().Match(text) is { Success: true } root)
            return new($"√{root.Groups[1].Value}", Math.Sqrt(Number(root.Groups[1].Value)));
        if (Sum().Match(text) is not { Success: true } sum)
            return null;

        // 2026-11-20, 24/7 and 555-1234 are not sums, unless somebody asks what they come to.
        var expression = sum.Value.Trim();
        if (!Certain().IsMatch(expression) && !Wanted().IsMatch(text))
            return null;
        var reader = new Reader(Plain(expression));
        return reader.TrySum(0, out var value) && reader.AtEnd && double.IsFinite(value) ? new(expression, value) : null;
    }

    public string Result => Value.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Plain(string expression) =>
        expression.Replace('×', '*').Replace('x', '*').Replace('÷', '/').Replace('−', '-').Replace(" ", "").Replace(",", "");

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private sealed class Reader(string text)
    {
        private int at;

        public bool AtEnd => at == text.Length;

        public bool TrySum(int depth, out double value)
        {
            if (!TryProduct(depth, out value))
                return false;
            while (Takes('+') is { } || at < text.Length && text[at] == '-')
            {
                var minus = text[at++] == '-';
                if (!TryProduct(depth, out var next))
                    return false;
                value += minus ? -next : next;
            }
            return true;
        }

        private char? Takes(char sign) => at < text.Length && text[at] == sign ? sign : null;

        private bool TryProduct(int depth, out double value)
        {
            if (!TryPower(depth, out value))
                return false;
            while (at < text.Length && text[at] is '*' or '/')
            {
                var over = text[at++] == '/';
                if (!TryPower(depth, out var next))
                    return false;
                value = over ? value / next : value * next;
            }
            return true;
        }

        private bool TryPower(int depth, out double value)
        {
            if (!TryFactor(depth, out value))
                return false;
            if (Takes('^') is null)
                return true;
            at++;
            if (depth >= MaxDepth || !TryPower(depth + 1, out var power))
                return false;
            value = Math.Pow(value, power);
            return true;
        }

        private bool TryFactor(int depth, out double value)
        {
            value = 0;
            if (at == text.Length || depth >= MaxDepth)
                return false;
            if (text[at] == '-')
            {
                at++;
                var read = TryFactor(depth + 1, out value);
                value = -value;
                return read;
            }
            if (text[at] == '(')
            {
                at++;
                return TrySum(depth + 1, out value) && Takes(')') is not null && ++at > 0;
            }
            var start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
                at++;
            return double.TryParse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture, out value);
        }
    }

    [GeneratedRegex(@"(?<![\w.])[(-]*\d[\d.,]*\)*(?:\s*(?:[-+*/^×÷−]|x(?=\s*[\d(]))\s*[(-]*\d[\d.]*\)*)+(?![\w-])")]
    private static partial Regex Sum();

    [GeneratedRegex(@"[+*^×÷x−]|\d\)?\s[-/]\s")]
    private static partial Regex Certain();

    [GeneratedRegex(@"\b(?:calculate|compute|what(?:'s| is|’s)|how much is|solve|evaluate)\b|=", RegexOptions.IgnoreCase)]
    private static partial Regex Wanted();

    [GeneratedRegex(@"\b(\d{1,12}(?:\.\d{1,6})?)\s*(?:%|percent) of (\d{1,12}(?:\.\d{1,6})?)", RegexOptions.IgnoreCase)]
    private static partial Regex Percent();

    [GeneratedRegex(@"\bsquare root of (\d{1,12}(?:\.\d{1,6})?)", RegexOptions.IgnoreCase)]
    private static partial Regex Root();
}
