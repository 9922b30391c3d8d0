using System.Globalization;
using ChatMvc.Backups;
using ChatMvc.Data;
using ChatMvc.Shared;

namespace ChatMvc.Operators.Examination;

/// <summary>The folder, who may read it, and the room that is left.</summary>
internal static class FilesCheck
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const long LeastFree = 512 * 1024 * 1024;

    public static IEnumerable<Finding> Run(string directory)
    {
        yield return DataDirectory.IsInUse(directory) ? Finding.Well("A process holds the data directory: the server runs, or a command.") : Finding.Note("No server runs on this data directory.");
        if (WhyHalf(directory) is { } half) yield return Finding.Wrong(half, "The server does not start before that.");
        var open = OpenToOthers(directory).ToList();
        if (open.Count == 0) yield return Finding.Well("The data directory and its files are their owner's alone.");
        else yield return Finding.Wrong($"Others may read {open[0]}{(open.Count > 1 ? $" and {open.Count - 1} more" : "")}.", $"chmod -R go= {directory}");
        yield return Room(directory);
    }

    private static string? WhyHalf(string directory)
    {
        try
        {
            Restore.RefuseHalf(directory);
            return null;
        }
        catch (SettingsException e)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> OpenToOthers(string directory)
    {
        if (OperatingSystem.IsWindows()) yield break;
        string[] folders = [directory, .. BackupFile.Folders.Select(f => Path.Combine(directory, f)).Where(Directory.Exists)];
        foreach (var folder in folders.Where(f => (new DirectoryInfo(f).UnixFileMode & Others) != 0)) yield return folder;
        string[] names = ["chat.db", "chat.db-wal", "jobs.db", "control.sock"];
        var keys = Path.Combine(directory, "keys");
        foreach (var file in names.Select(n => Path.Combine(directory, n)).Concat(Directory.Exists(keys) ? Directory.GetFiles(keys) : []).Where(File.Exists))
            if ((File.GetUnixFileMode(file) & Others) != 0) yield return file;
    }

    // A backup and the copy before a migration need as much as the database has.
    private static Finding Room(string directory)
    {
        var (free, database) = (new DriveInfo(directory).AvailableFreeSpace, new FileInfo(Path.Combine(directory, BackupFile.ChatDatabase)));
        var needed = Math.Max(LeastFree, database.Exists ? 2 * database.Length : 0);
        return free >= needed
            ? Finding.Well($"The disk has {Megabytes(free)} free.")
            : Finding.Wrong($"The disk has {Megabytes(free)} free, and an upgrade or a backup may need {Megabytes(needed)}.", "Free some space, or move old backups away.");
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000:N0} MB");
}
