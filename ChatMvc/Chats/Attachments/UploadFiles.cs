using ChatMvc.Data;

namespace ChatMvc.Chats.Attachments;

/// <summary>The files below <c>uploads/</c>, each under its key. One is there whole or not at all, and never changes.</summary>
public sealed class UploadFiles(DataDirectory directory, TimeProvider time)
{
    private const string Unfinished = ".unfinished";

    /// <summary>Puts a file safely on the disk, before there is a row that tells of it.</summary>
    public void Write(string key, byte[] bytes)
    {
        var path = PathOf(key);
        PrivateFile.Write(path + Unfinished, bytes);
        File.SetLastWriteTimeUtc(path + Unfinished, time.GetUtcNow().UtcDateTime);
        File.Move(path + Unfinished, path);
    }

    /// <summary>Where the file lies; null when it is gone.</summary>
    public string? Find(string key) => PathOf(key) is var path && File.Exists(path) ? path : null;

    public byte[]? Read(string key) => Find(key) is { } path ? File.ReadAllBytes(path) : null;

    public void Delete(IEnumerable<string> keys)
    {
        foreach (var key in keys) File.Delete(PathOf(key));
    }

    /// <summary>What has lain here since before a time, by name: keys, and what a crash left half written.</summary>
    public IEnumerable<string> NamesBefore(DateTimeOffset when) =>
        Directory.EnumerateFiles(Root).Where(path => File.GetLastWriteTimeUtc(path) < when.UtcDateTime).Select(path => Path.GetFileName(path));

    // No other name gets here: keys are ours, and what is asked for by address is looked up as a row first.
    private string PathOf(string key) => Path.Combine(Root, key);

    private string Root => field ??= PrivateFile.FolderIn(directory, "uploads");
}
