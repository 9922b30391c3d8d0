using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using ChatMvc.Backups;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Control;

internal static class BackupCommands
{
    public static Command Backup()
    {
        var path = new Argument<string>("PATH") { Description = "The file to make; or a folder, in which it gets the time as its name." };
        var keep = new Option<int?>("--keep") { Description = "With a folder: remove the oldest beyond so many, after the new one is verified.", HelpName = "COUNT" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Take the place of a file that is there." };
        return new Command("backup", "Makes one file of chat.db, keys/ and uploads/, reads it again and proves it, also while the server runs. Whoever has it has everything: it is its owner's alone (mode 0600), and not encrypted.") { path, keep, overwrite }
            .Does((typed, settings) => BackupAsync(typed.GetRequiredValue(path), typed.GetValue(keep), typed.GetValue(overwrite), settings));
    }

    public static Command Restore()
    {
        var file = new Argument<string>("FILE") { Description = "A file that backup made." };
        var replace = new Option<bool>("--replace") { Description = "Set aside what the data directory holds, and take its place." };
        return new Command("restore", "Puts a backup in the place of the data directory. The server must not run. People stay signed in; unused codes, exports and answers that were being written end; Stripe is asked at the next start for what happened since.") { file, replace }
            .Does((typed, settings) => RestoreAsync(typed.GetRequiredValue(file), typed.GetValue(replace), settings));
    }

    private static async Task<int> BackupAsync(string typed, int? keep, bool overwrite, string[] settings)
    {
        if (keep is < 1 or > BackupFolder.MostKept) return await CommandLine.RefuseAsync($"--keep takes 1 to {BackupFolder.MostKept}.", CommandLine.TypedWrongly);
        var builder = Program.CreateBuilder(settings);
        var directory = DataDirectory.PathOf(Settings.Read<ServerSettings>(builder.Configuration).DataDirectory);
        if (!File.Exists(Path.Combine(directory, BackupFile.ChatDatabase))) return await CommandLine.RefuseAsync($"DataDirectory {directory} has no chat.db.", CommandLine.CannotBeDone);
        var path = Path.GetFullPath(typed);
        if (keep is not null && File.Exists(path)) return await CommandLine.RefuseAsync($"{path} is a file. --keep is for a folder of backups.", CommandLine.TypedWrongly);
        var folder = keep is not null || Directory.Exists(path) ? path : null;
        var target = folder is null ? path : Path.Combine(folder, BackupFolder.NameAt(TimeProvider.System.GetUtcNow()));
        if (File.Exists(target) && !overwrite) return await CommandLine.RefuseAsync($"{target} is there already. With --overwrite the backup takes its place.", CommandLine.CannotBeDone);
        try
        {
            var made = MakeBackup(directory, target, overwrite, folder);
            var removed = keep is { } count ? BackupFolder.KeepNewest(folder!, count) : 0;
            await ControlClient.TellAsync(directory, new ControlRequest(ControlCommands.NoteBackup, "", made.Fact));
            return await CommandLine.SayAsync(string.Create(CultureInfo.InvariantCulture, $"{made.Path} is made and verified: {made.Bytes:N0} bytes.") + (removed > 0 ? $" Older ones removed: {removed}." : ""));
        }
        catch (OperationCanceledException)
        {
            return await CommandLine.RefuseAsync("The backup was broken off. Nothing is left of it.", CommandLine.CannotBeDone);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or SqliteException)
        {
            return await CommandLine.RefuseAsync($"The backup could not be made: {Sentence(e)} Nothing is left of it.", CommandLine.CannotBeDone);
        }
    }

    private static BackupMade MakeBackup(string directory, string target, bool overwrite, string? folder)
    {
        PrivateFile.KeepNewFilesPrivate();
        if (folder is not null)
        {
            PrivateFile.Folder(folder);
            BackupFolder.ForgetUnfinished(folder, TimeProvider.System.GetUtcNow());
        }
        using var ending = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, EndQuietly);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, EndQuietly);
        return new Backup(directory, TimeProvider.System, ending.Token).Make(target, overwrite);

        void EndQuietly(PosixSignalContext signal)
        {
            signal.Cancel = true;
            ending.Cancel();
        }
    }

    private static async Task<int> RestoreAsync(string typed, bool replace, string[] settings)
    {
        var file = Path.GetFullPath(typed);
        if (!File.Exists(file)) return await CommandLine.RefuseAsync($"{file} is not there.", CommandLine.CannotBeDone);
        var server = Settings.Read<ServerSettings>(Program.CreateBuilder(settings).Configuration);
        using var directory = DataDirectory.Open(server.DataDirectory);
        if (File.Exists(directory.ChatDatabase) && !replace)
            return await CommandLine.RefuseAsync($"DataDirectory {directory.Path} has a chat.db. With --replace it is set aside, and the backup takes its place.", CommandLine.CannotBeDone);
        try
        {
            return await CommandLine.SayAsync(new Restore(directory, TimeProvider.System).Run(file));
        }
        catch (InvalidDataException e)
        {
            return await CommandLine.RefuseAsync($"{file} is no whole backup. {Sentence(e)} Nothing was changed.", CommandLine.CannotBeDone);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            return await CommandLine.RefuseAsync($"The backup could not be restored: {Sentence(e)} Nothing is lost. Put that right and give the command again.", CommandLine.CannotBeDone);
        }
    }

    private static string Sentence(Exception e) => $"{e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.";
}
