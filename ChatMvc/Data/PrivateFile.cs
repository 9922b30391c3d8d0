using System.Runtime.InteropServices;

namespace ChatMvc.Data;

/// <summary>Files that their owner alone may read.</summary>
public static class PrivateFile
{
    /// <summary>Opens a file of its own for writing, empty.</summary>
    public static FileStream Create(string path, FileAccess access = FileAccess.Write)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = access, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    /// <summary>Writes and puts it safely on the disk.</summary>
    public static void Write(string path, byte[] bytes)
    {
        using var file = Create(path);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    /// <summary>A folder of the data directory, made where it is missing.</summary>
    public static string FolderIn(DataDirectory directory, string name) => Folder(Path.Combine(directory.Path, name));

    /// <summary>A folder that its owner alone may enter, made where it is missing.</summary>
    public static string Folder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>From now on no file of this process is made for others to read.</summary>
    public static void KeepNewFilesPrivate()
    {
        if (!OperatingSystem.IsWindows()) _ = SetMask((int)(UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute));
    }

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SetMask(int mask);
}
