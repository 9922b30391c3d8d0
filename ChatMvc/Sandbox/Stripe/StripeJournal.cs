using System.Text.Json;
using System.Text.Json.Nodes;
using ChatMvc.Data;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>
/// The sandbox's own file: one line for each change, an array of the objects as they stood after it. A crash loses at
/// most the line that was being written; a line counts whole or not at all.
/// </summary>
/// <param name="path">The file; null keeps nothing beyond the process.</param>
internal sealed class StripeJournal(string? path) : IDisposable
{
    /// <summary>Bytes up to which the file may grow before it is written anew without what is overtaken.</summary>
    private const long SmallEnough = 4 * 1024 * 1024;

    private FileStream? file;
    private long nextRewrite = SmallEnough;

    /// <summary>All that was kept, oldest first; an object may come several times, its last state last.</summary>
    public IEnumerable<JsonObject> Load()
    {
        if (path is null || !File.Exists(path)) yield break;
        foreach (var line in File.ReadLines(path))
        {
            foreach (var obj in Parse(line)) yield return obj;
        }
    }

    /// <summary>Keeps a change. When the file has grown too long it is written anew.</summary>
    /// <param name="changed">The objects of this change.</param>
    /// <param name="all">All objects there are, oldest first.</param>
    public void Append(IReadOnlyCollection<JsonObject> changed, Func<IEnumerable<JsonObject>> all)
    {
        if (path is null || changed.Count == 0) return;
        // A new process begins a new file, so that a torn last line is never continued.
        if (file is null || file.Length > nextRewrite) Rewrite(all());
        else Write(file, changed);
        file!.Flush();
    }

    public void Dispose() => file?.Dispose();

    private void Rewrite(IEnumerable<JsonObject> all)
    {
        file?.Dispose();
        using (var fresh = PrivateFile.Create(path + ".new"))
        {
            foreach (var obj in all) Write(fresh, [obj]);
            fresh.Flush(flushToDisk: true);
        }
        File.Move(path + ".new", path!, overwrite: true);
        file = new FileStream(path!, FileMode.Append, FileAccess.Write, FileShare.Read);
        nextRewrite = Math.Max(SmallEnough, 2 * file.Length);
    }

    private static void Write(FileStream file, IEnumerable<JsonObject> objects)
    {
        using (var json = new Utf8JsonWriter(file, SandboxJson.Writing))
        {
            json.WriteStartArray();
            foreach (var obj in objects) obj.WriteTo(json);
            json.WriteEndArray();
        }
        file.WriteByte((byte)'\n');
    }

    private static IEnumerable<JsonObject> Parse(string line)
    {
        try
        {
            return [.. JsonNode.Parse(line)!.AsArray().Select(node => node!.AsObject())];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The process died while it wrote this line, and nobody heard of what it says.
            return [];
        }
    }
}
