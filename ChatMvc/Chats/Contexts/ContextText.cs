using System.Globalization;
using System.Text.RegularExpressions;
using ChatMvc.Accounts;
using ChatMvc.Completions;

namespace ChatMvc.Chats.Contexts;

/// <summary>What the variables of a context stand for, all of it known from the question.</summary>
/// <param name="At">When it was asked, in its person's zone.</param>
/// <param name="Name">What they are called; null while they have not said.</param>
/// <param name="Model">That is to answer.</param>
public readonly record struct ContextValues(DateTimeOffset At, string? Name, string Model);

/// <summary>The text of a context, with its variables filled. An unknown one stays as it is.</summary>
public static partial class ContextText
{
    /// <summary>In UTF-16 characters, as they are typed.</summary>
    public const int MaxLength = 8_000;
    /// <summary>Each may become a name: this bounds what a text can grow to.</summary>
    public const int MaxVariables = 50;
    private const string Nobody = "the user";

    public static bool HasVariables(string text) => Variable().IsMatch(text);

    public static int CountVariables(string text) => Variable().Count(text);

    public static string Fill(string text, ContextValues values) => Fill(text, variable => variable switch
    {
        "date" => values.At.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "time" => values.At.ToString("HH:mm", CultureInfo.InvariantCulture),
        "weekday" => values.At.ToString("dddd", CultureInfo.InvariantCulture),
        "name" => values.Name ?? Nobody,
        _ => values.Model,
    });

    /// <summary>An upper estimate in tokens, whenever it is asked and whatever its person is called by then.</summary>
    public static int MostTokens(string text, string model) => TokenEstimate.OfTurn(Fill(text, variable => variable switch
    {
        "date" => "0000-00-00",
        "time" => "00:00",
        "weekday" => "Wednesday",
        "name" => LongestName,
        _ => model,
    }));

    // No letter takes more by the estimate's formula.
    private static readonly string LongestName = new('字', User.MaxDisplayName);

    private static string Fill(string text, Func<string, string> valueOf) => Variable().Replace(text, match => valueOf(match.Groups[1].Value));

    [GeneratedRegex(@"\{\{ ?(date|time|weekday|name|model) ?\}\}")]
    private static partial Regex Variable();
}
