using System.Formats.Tar;
using System.Globalization;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Backups;

/// <param name="Path">Where it lies.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="MadeAt">The moment that it shows.</param>
internal sealed record BackupMade(string Path, long Bytes, DateTimeOffset MadeAt)
{
    /// <summary>As <see cref="Operators.State.ServerFacts.LastBackup"/> keeps it.</summary>
    public string Fact => string.Create(CultureInfo.InvariantCulture, $"{MadeAt.ToUnixTimeMilliseconds()} {Bytes} {Path}");
}

/// <summary>
/// Makes a backup of a data directory, whether or not a server runs on it: the files are only read. Under its own name it
/// is there whole and verified, or not at all.
/// </summary>
/// <param name="directory">The data directory.</param>
/// <param name="time">For its date.</param>
/// <param name="cancellation">Ends it; nothing is left behind.</param>
internal sealed class Backup(string directory, TimeProvider time, CancellationToken cancellation)
{
    private readonly Pace pace = new(cancellation);

    /// <param name="target">Its path.</param>
    /// <param name="overwrite">Whether it may take the place of another file.</param>
    /// <exception cref="IOException">It could not be written, or not be verified.</exception>
    /// <exception cref="SqliteException">The database could not be read or copied.</exception>
    public BackupMade Make(string target, bool overwrite)
    {
        var (partial, snapshot) = (target + ".partial", target + ".partial.db");
        // Held to the end: another backup of the same name is refused.
        using var file = PrivateFile.Create(partial, FileAccess.ReadWrite);
        try
        {
            var madeAt = Write(file, snapshot);
            Steps.Reached(Steps.BackupWritten);
            file.Position = 0;
            BackupFile.Read(file, _ => Stream.Null);
            File.Move(partial, target, overwrite);
            return new BackupMade(target, file.Length, madeAt);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
        finally
        {
            File.Delete(snapshot);
        }
    }

    private DateTimeOffset Write(FileStream file, string snapshot)
    {
        var madeAt = time.GetUtcNow();
        var database = Path.Combine(directory, BackupFile.ChatDatabase);
        ChatSnapshot.Take(database, snapshot, pace.Rest);
        if (ChatSnapshot.ComplaintsAbout(snapshot) is [var complaint, ..]) throw new IOException($"chat.db is damaged: {complaint.TrimEnd('.')}. Restore an older backup");
        var paced = new PacedFile(file, pace);
        using (var tar = new TarWriter(paced, TarEntryFormat.Pax, leaveOpen: true))
        {
            var entries = new List<BackupEntry>();
            using (var content = File.OpenRead(snapshot)) entries.Add(BackupFile.Add(tar, BackupFile.ChatDatabase, content));
            entries.AddRange(NamesBeside().Select(name => TryAdd(tar, name)).OfType<BackupEntry>());
            BackupFile.End(tar, new BackupManifest(BackupFile.Format, AppVersion.Text, madeAt.ToUnixTimeMilliseconds(), entries));
        }
        paced.Flush();
        return madeAt;
    }

    // After the database: a file is there before its row, and a key before what it sealed.
    private IEnumerable<string> NamesBeside()
    {
        yield return BackupFile.SandboxJournal;
        foreach (var folder in BackupFile.Folders.Where(f => Directory.Exists(Path.Combine(directory, f))))
            foreach (var path in Directory.EnumerateFiles(Path.Combine(directory, folder)).Order(StringComparer.Ordinal))
                if (!IsUnfinished(path) && BackupFile.IsOurs($"{folder}/{Path.GetFileName(path)}")) yield return $"{folder}/{Path.GetFileName(path)}";
    }

    private static bool IsUnfinished(string path) => Path.GetExtension(path) is ".unfinished" or ".new" or ".tmp";

    // One may go at any moment, with the chat that it belonged to.
    private BackupEntry? TryAdd(TarWriter tar, string name)
    {
        try
        {
            using var content = new MemoryStream(File.ReadAllBytes(Path.Combine(directory, name)));
            return BackupFile.Add(tar, name, content);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
