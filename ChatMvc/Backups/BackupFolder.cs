using System.Text.RegularExpressions;

namespace ChatMvc.Backups;

/// <summary>A folder in which backups have their time as their name, and the oldest go.</summary>
internal static partial class BackupFolder
{
    public const int MostKept = 1_000;

    public static string NameAt(DateTimeOffset now) => $"chatmvc-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.tar";

    /// <summary>Removes the oldest beyond so many; nothing else that lies there.</summary>
    /// <returns>How many went.</returns>
    public static int KeepNewest(string folder, int kept)
    {
        // The names are their times, so their order is that of the times.
        var old = Directory.GetFiles(folder).Where(path => Name().IsMatch(Path.GetFileName(path))).OrderDescending(StringComparer.Ordinal).Skip(kept).ToList();
        old.ForEach(File.Delete);
        return old.Count;
    }

    /// <summary>Removes what a backup left that was killed: no other takes as long as a day.</summary>
    public static void ForgetUnfinished(string folder, DateTimeOffset now)
    {
        var before = now.UtcDateTime - TimeSpan.FromDays(1);
        foreach (var path in Directory.GetFiles(folder).Where(path => Unfinished().IsMatch(Path.GetFileName(path)) && File.GetLastWriteTimeUtc(path) < before)) File.Delete(path);
    }

    [GeneratedRegex(@"^chatmvc-\d{8}T\d{6}Z\.tar\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^chatmvc-\d{8}T\d{6}Z\.tar\.partial(\.db)?\z")]
    private static partial Regex Unfinished();
}
