using System.Globalization;

namespace ChatMvc.Chats.List;

/// <summary>
/// The line that a page of the list ends with; the next page begins below it. Not a number of lines: a chat that moves to
/// the top meanwhile would push another one onto the next page, to be shown twice.
/// </summary>
public readonly record struct ListCursor(DateTimeOffset At, string Key)
{
    /// <summary>Such as <c>1764000000000-AbCdEfGhIjKlMnOp</c>; null when it is none.</summary>
    public static ListCursor? Parse(string? text)
    {
        if (text is null || text.IndexOf('-') is not (> 0 and var dash) || !Chat.IsKey(text[(dash + 1)..])) return null;
        return long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new ListCursor(DateTimeOffset.FromUnixTimeMilliseconds(at), text[(dash + 1)..])
            : null;
    }

    public override string ToString() => $"{At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}-{Key}";
}
