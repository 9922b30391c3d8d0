namespace ChatMvc.Data;

/// <summary>Files that their owner alone may read.</summary>
public static class PrivateFile
{
    /// <summary>Opens a file of its own for writing, empty.</summary>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
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
    public static string FolderIn(DataDirectory directory, string name)
    {
        var path = Path.Combine(directory.Path, name);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
