using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ChatMvc.Backups;

/// <summary>What a backup says of itself, in its last entry: one that was cut off has none.</summary>
/// <param name="Format">1.</param>
/// <param name="Program">The version that made it.</param>
/// <param name="MadeAt">Unix milliseconds.</param>
/// <param name="Files">Everything else in it.</param>
internal sealed record BackupManifest(int Format, string Program, long MadeAt, IReadOnlyList<BackupEntry> Files);

/// <param name="Name">Below the data directory.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">In hexadecimal digits.</param>
internal sealed record BackupEntry(string Name, long Bytes, string Sha256);

/// <summary>The one file of a backup: a plain tar (POSIX pax) of <c>chat.db</c>, <c>keys/</c>, <c>uploads/</c> and its manifest.</summary>
internal static partial class BackupFile
{
    public const int Format = 1;
    public const string ChatDatabase = "chat.db";
    /// <summary>What the sandbox sold, where it plays Stripe: it belongs to the database beside it.</summary>
    public const string SandboxJournal = "sandbox-stripe.jsonl";
    public static readonly IReadOnlyList<string> Folders = ["keys", "uploads"];

    private const string ManifestName = "manifest.json";
    /// <summary>Bytes: a million uploads have 100 each.</summary>
    private const long LongestManifest = 200_000_000;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Whether it is a name that a backup may hold: nothing leads out of the data directory.</summary>
    public static bool IsOurs(string name) => name is ChatDatabase or SandboxJournal || FolderEntry().IsMatch(name);

    public static BackupEntry Add(TarWriter tar, string name, Stream content)
    {
        var entry = new BackupEntry(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
        content.Position = 0;
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = OwnerOnly });
        return entry;
    }

    public static void End(TarWriter tar, BackupManifest manifest)
    {
        using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, JsonSerializerOptions.Web));
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, ManifestName) { DataStream = json, Mode = OwnerOnly });
    }

    /// <summary>Reads a backup to its end and holds every file of it against the manifest.</summary>
    /// <param name="file">The backup.</param>
    /// <param name="open">Where the content of each file goes, by name.</param>
    /// <exception cref="InvalidDataException">It is no backup, or not a whole one.</exception>
    public static BackupManifest Read(Stream file, Func<string, Stream> open)
    {
        try
        {
            using var tar = new TarReader(file, leaveOpen: true);
            var found = new List<BackupEntry>();
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.Name == ManifestName) return Compare(ReadManifest(entry), found);
                if (entry.EntryType != TarEntryType.RegularFile || !IsOurs(entry.Name)) throw new InvalidDataException("It holds what no backup holds.");
                found.Add(Take(entry, open));
            }
            throw new InvalidDataException("Its end is missing.");
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException or JsonException)
        {
            throw new InvalidDataException("It cannot be read to its end.", e);
        }
    }

    private static BackupEntry Take(TarEntry entry, Func<string, Stream> open)
    {
        using var target = open(entry.Name);
        using var hash = SHA256.Create();
        var bytes = 0L;
        // An empty file has no content.
        if (entry.DataStream is { } content)
        {
            using var hashing = new CryptoStream(target, hash, CryptoStreamMode.Write, leaveOpen: true);
            content.CopyTo(hashing);
            bytes = content.Length;
            hashing.FlushFinalBlock();
        }
        else hash.TransformFinalBlock([], 0, 0);
        if (target is FileStream file) file.Flush(flushToDisk: true);
        return new BackupEntry(entry.Name, bytes, Convert.ToHexStringLower(hash.Hash!));
    }

    private static BackupManifest ReadManifest(TarEntry entry)
    {
        if (entry.DataStream is not { Length: <= LongestManifest } json) throw new InvalidDataException("Its manifest cannot be read.");
        var manifest = JsonSerializer.Deserialize<BackupManifest>(json, JsonSerializerOptions.Web);
        return manifest switch
        {
            { Format: Format, Files: not null } => manifest,
            { Format: > Format } => throw new InvalidDataException("A newer ChatMvc made it."),
            _ => throw new InvalidDataException("Its manifest cannot be read."),
        };
    }

    private static BackupManifest Compare(BackupManifest manifest, List<BackupEntry> found)
    {
        if (!found.Exists(f => f.Name == ChatDatabase)) throw new InvalidDataException("It holds no chat.db.");
        if (!found.SequenceEqual(manifest.Files)) throw new InvalidDataException("A file in it is not as it was when it was made.");
        return manifest;
    }

    [GeneratedRegex(@"^(keys|uploads)/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}\z")]
    private static partial Regex FolderEntry();
}
