using ChatMvc.Data;

namespace ChatMvc.Operators.Health;

/// <summary>What is left where the data lies.</summary>
public sealed class DiskSpace(DataDirectory directory)
{
    /// <summary>Bytes. With less, a day of messages, a write-ahead log and a backup's beginning would not find room.</summary>
    public const long Least = 256_000_000;

    /// <summary>Bytes that this process may still write. A test puts a full disk here.</summary>
    public Func<long> Free { get; set; } = () => new DriveInfo(directory.Path).AvailableFreeSpace;

    /// <summary>Bytes of <c>chat.db</c> with its log.</summary>
    public long DatabaseSize => SizeOf(directory.ChatDatabase) + SizeOf(directory.ChatDatabase + "-wal");

    private static long SizeOf(string file) => new FileInfo(file) is { Exists: true } found ? found.Length : 0;
}
