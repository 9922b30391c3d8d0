using System.Globalization;

namespace ChatMvc.Operators.Overview;

/// <summary>The newest backup, as the command that made it left word.</summary>
public sealed record BackupMade(DateTimeOffset At, long Bytes, string File)
{
    /// <summary>Reads "unixMilliseconds bytes path"; null for anything else.</summary>
    public static BackupMade? Parse(string? fact) =>
        fact?.Split(' ', 3) is [var at, var bytes, { Length: > 0 } file]
        && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        && long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? new BackupMade(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), size, file)
            : null;
}
