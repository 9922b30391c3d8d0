using System.Text.RegularExpressions;

namespace ChatMvc.Sandbox.Answers;

/// <summary>The few facts that the sandbox knows, and questions that want one.</summary>
internal static partial class Facts
{
    private static readonly Dictionary<string, string> Capitals = new(StringComparer.OrdinalIgnoreCase)
    {
        ["France"] = "Paris",
        ["Germany"] = "Berlin",
        ["Italy"] = "Rome",
        ["Spain"] = "Madrid",
        ["Portugal"] = "Lisbon",
        ["Poland"] = "Warsaw",
        ["Austria"] = "Vienna",
        ["Sweden"] = "Stockholm",
        ["Norway"] = "Oslo",
        ["Denmark"] = "Copenhagen",
        ["Finland"] = "Helsinki",
        ["Ireland"] = "Dublin",
        ["Greece"] = "Athens",
        ["Japan"] = "Tokyo",
        ["China"] = "Beijing",
        ["India"] = "New Delhi",
        ["Canada"] = "Ottawa",
        ["Australia"] = "Canberra",
        ["Brazil"] = "Brasília",
        ["Mexico"] = "Mexico City",
        ["Egypt"] = "Cairo",
        ["Kenya"] = "Nairobi",
        ["England"] = "London",
        ["the United Kingdom"] = "London",
        ["the United States"] = "Washington, D.C.",
        ["the USA"] = "Washington, D.C.",
    };

    private static readonly (string Asked, string Answer)[] Others =
    [
        ("speed of light", "The speed of light in a vacuum is **299,792,458 metres per second**, exactly, since the metre is defined by it."),
        ("boil", "At sea level water boils at **100 °C** (212 °F); about one degree less for every 300 metres you climb."),
        ("largest planet", "The largest planet of the solar system is **Jupiter**."),
        ("highest mountain", "The highest mountain above sea level is **Mount Everest**, 8,849 metres."),
        ("how many continents", "By the usual count there are **seven** continents."),
        ("how many days", "A common year has **365** days, a leap year **366**."),
    ];

    /// <summary>A short answer to a question for a fact: the fact where it is known, otherwise empty; null when none is asked for.</summary>
    public static string? In(string text)
    {
        if (Capital().Match(text) is { Success: true } capital && Capitals.TryGetValue(capital.Groups[1].Value.Trim(), out var city))
            return $"The capital of {capital.Groups[1].Value.Trim()} is **{city}**.";
        foreach (var (asked, answer) in Others)
        {
            if (text.Contains(asked, StringComparison.OrdinalIgnoreCase))
                return answer;
        }
        return Wanted().IsMatch(text) ? "" : null;
    }

    [GeneratedRegex(@"\bcapital (?:city )?of ((?:the )?[A-Z]\w+(?: [A-Z]\w+)?)", RegexOptions.IgnoreCase)]
    private static partial Regex Capital();

    [GeneratedRegex(@"^\W*(?:who (?:is|was|invented|wrote|painted)|when (?:is|was|did)|where (?:is|was)|how (?:many|old|far|tall|big|much)|what year|what time|which (?:year|country|city))\b", RegexOptions.IgnoreCase)]
    private static partial Regex Wanted();
}
