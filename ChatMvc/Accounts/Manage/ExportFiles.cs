using System.Collections.Concurrent;
using ChatMvc.Data;

namespace ChatMvc.Accounts.Manage;

/// <summary>Where the zips lie that are too large to be made while somebody waits.</summary>
public sealed class ExportFiles(DataDirectory directory)
{
    private const string Unfinished = ".unfinished";

    private readonly ConcurrentDictionary<string, bool> held = [];

    /// <summary>Takes a key for one writer; null while another has it.</summary>
    public IDisposable? Hold(string key) => held.TryAdd(key, true) ? new Held(() => held.TryRemove(key, out _)) : null;

    /// <summary>Opens the file that is to become the zip.</summary>
    public FileStream Create(string key) => PrivateFile.Create(PathOf(key) + Unfinished);

    /// <summary>The zip is whole: from now on it can be found.</summary>
    public void Publish(string key) => File.Move(PathOf(key) + Unfinished, PathOf(key), overwrite: true);

    public string? Find(string key) => PathOf(key) is var path && File.Exists(path) ? path : null;

    public void Delete(string key)
    {
        File.Delete(PathOf(key));
        File.Delete(PathOf(key) + Unfinished);
    }

    /// <summary>The keys that there are files of.</summary>
    public IReadOnlyList<string> Keys => [.. Directory.EnumerateFiles(Root).Select(path => Path.GetFileName(path).Split('.')[0]).Distinct()];

    private string PathOf(string key) => Path.Combine(Root, key + ".zip");

    private string Root => field ??= PrivateFile.FolderIn(directory, "exports");

    private sealed class Held(Action letGo) : IDisposable
    {
        public void Dispose() => letGo();
    }
}
