using ChatMvc.Shared;

namespace ChatMvc.Data;

/// <summary>
/// The folder that holds everything kept: <c>chat.db</c>, <c>jobs.db</c>, <c>keys/</c>, <c>uploads/</c>. Only one
/// process serves it: an exclusive lock on the file <c>lock</c> is held until the end.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private readonly FileStream lockFile;

    private DataDirectory(string path, FileStream lockFile)
    {
        Path = path;
        this.lockFile = lockFile;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }
    public string ChatDatabase => System.IO.Path.Combine(Path, "chat.db");
    public string JobsDatabase => System.IO.Path.Combine(Path, "jobs.db");
    public string Keys => System.IO.Path.Combine(Path, "keys");

    /// <summary>Where it is, absolute.</summary>
    /// <param name="configured">The setting; without it <c>$STATE_DIRECTORY</c>, else <c>data</c> under the working directory.</param>
    public static string PathOf(string? configured) =>
        System.IO.Path.GetFullPath(configured ?? Environment.GetEnvironmentVariable("STATE_DIRECTORY") ?? "data");

    /// <summary>Whether another process holds the lock of this folder.</summary>
    public static bool IsInUse(string path)
    {
        if (!Directory.Exists(path)) return false;
        try
        {
            Lock(path).Dispose();
            return false;
        }
        catch (IOException e) when (IsHeld(e))
        {
            return true;
        }
        // Opening it says so better.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Makes the folder, private to this user, and takes its lock.</summary>
    /// <param name="configured">The setting, see <see cref="PathOf"/>.</param>
    /// <exception cref="SettingsException">It cannot be written to, or another process holds it.</exception>
    public static DataDirectory Open(string? configured)
    {
        var path = PathOf(configured);
        // SQLite and Data Protection make files by themselves.
        PrivateFile.KeepNewFilesPrivate();
        try
        {
            PrivateFile.Folder(path);
            PrivateFile.Folder(System.IO.Path.Combine(path, "keys"));
            return new DataDirectory(path, Lock(path));
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new SettingsException($"DataDirectory {path} is in use by another ChatMvc process. Stop that one first.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"DataDirectory {path} cannot be written to by this user.");
        }
    }

    public void Dispose() => lockFile.Dispose();

    private const int SharingViolation = unchecked((int)0x80070020);
    // EAGAIN as .NET reports it on Linux.
    private const int WouldBlock = 11;

    private static bool IsHeld(IOException e) => e.HResult is SharingViolation or WouldBlock;

    private static FileStream Lock(string path) =>
        new(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
}
