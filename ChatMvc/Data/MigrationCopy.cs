using ChatMvc.Shared;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Data;

/// <summary>
/// <c>chat.db</c> as it was before an upgrade, beside it and named with the first migration of that upgrade. With it the
/// older program can be started again.
/// </summary>
internal static class MigrationCopy
{
    private const int Kept = 2;

    public static string NameOf(string file, string migration) => $"{file}.before-{migration}";

    /// <param name="file">The database, which nobody writes to.</param>
    /// <param name="migration">The first that is going to be applied.</param>
    /// <param name="isGoingOn">Whether an upgrade goes on that was cut off: its copy is there, and what is in the file now is neither old nor new.</param>
    /// <exception cref="SettingsException">There is no room for it.</exception>
    public static void Take(string file, string migration, bool isGoingOn)
    {
        if (isGoingOn && Copies(file).Any()) return;
        var unfinished = NameOf(file, migration) + ".unfinished";
        try
        {
            ChatSnapshot.Take(file, unfinished);
            Steps.Reached(Steps.MigrationCopied);
            File.Move(unfinished, NameOf(file, migration), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException { SqliteErrorCode: not (11 or 26) })
        {
            File.Delete(unfinished);
            throw new SettingsException($"DataDirectory has no room for the copy of chat.db that is taken before it is brought up to date ({e.Message.TrimEnd('.')}). Nothing was changed. Free as many bytes as chat.db has.");
        }
        foreach (var old in Copies(file).SkipLast(Kept)) File.Delete(old);
    }

    // Migrations are named with their time, so the order of the names is that of the upgrades.
    private static IEnumerable<string> Copies(string file) =>
        Directory.GetFiles(Path.GetDirectoryName(file)!, $"{Path.GetFileName(file)}.before-*").Where(path => !path.EndsWith(".unfinished", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}
