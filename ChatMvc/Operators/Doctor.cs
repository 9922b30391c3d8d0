using ChatMvc.Backups;
using ChatMvc.Data;
using ChatMvc.Operators.Examination;
using ChatMvc.Shared;

namespace ChatMvc.Operators;

/// <summary>Looks a server over, whether or not it runs, and changes nothing.</summary>
internal static class Doctor
{
    /// <summary>Every finding as it is made: the last ones wait for vendors.</summary>
    /// <param name="settings">As on the command line.</param>
    /// <param name="offline">Whether vendors are left alone.</param>
    public static async IAsyncEnumerable<Finding> ExamineAsync(string[] settings, bool offline)
    {
        var configuration = Program.CreateBuilder(settings).Configuration;
        var canBeRead = true;
        foreach (var finding in SettingsCheck.Run(settings))
        {
            canBeRead &= finding.Verdict != Verdict.Wrong;
            yield return finding;
        }
        var directory = DataDirectory.PathOf(Settings.Read<ServerSettings>(configuration).DataDirectory);
        var database = Path.Combine(directory, BackupFile.ChatDatabase);
        if (!File.Exists(database)) yield return Finding.Wrong($"{database} is not there.", "Start the server once, or say where it is with --DataDirectory=PATH.");
        else foreach (var finding in FilesCheck.Run(directory).Concat(DatabaseCheck.Run(database, TimeProvider.System.GetUtcNow()))) yield return finding;
        // With settings that are refused there is nobody to ask.
        if (offline || !canBeRead) yield break;
        using var vendors = new VendorCheck(configuration, TimeProvider.System);
        await foreach (var finding in vendors.RunAsync()) yield return finding;
    }
}
