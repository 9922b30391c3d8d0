using System.Buffers.Binary;

namespace ChatMvc.Bench.Servers;

/// <summary>
/// What SQLite appends to <c>chat.db-wal</c>, seen from outside: each transaction is a run of frames, a page with its
/// header each, the last of which is marked. Nothing else writes to <c>chat.db</c> but the checkpoints, which copy the same pages.
/// See https://www.sqlite.org/walformat.html.
/// </summary>
internal sealed class WriteAheadLog(string database)
{
    private const int LogHeader = 32, FrameHeader = 24;
    private const int SizeAfterCommit = 4;
    // In the index, in this machine's order of bytes.
    private const int IndexHeader = 48, PageSize = 14, LastFrame = 16, Salts = 32;

    /// <summary>The end of the log as of the last commit.</summary>
    public Place End()
    {
        Span<byte> index = stackalloc byte[IndexHeader];
        using var file = Open("-shm");
        file.ReadExactly(index);
        return new(BitConverter.ToUInt32(index[LastFrame..]), BitConverter.ToUInt16(index[PageSize..]), BitConverter.ToUInt64(index[Salts..]));
    }

    /// <summary>Bytes of each transaction between two places; null when the log was begun anew in between.</summary>
    public List<long>? Transactions(Place from, Place to)
    {
        if (from.Salt != to.Salt) return null;
        var (transactions, bytes) = (new List<long>(), 0L);
        Span<byte> header = stackalloc byte[FrameHeader];
        using var file = Open("-wal");
        for (var frame = from.Frame; frame < to.Frame; frame++)
        {
            file.Position = LogHeader + frame * (FrameHeader + (long)to.Page);
            file.ReadExactly(header);
            bytes += FrameHeader + to.Page;
            if (BinaryPrimitives.ReadUInt32BigEndian(header[SizeAfterCommit..]) == 0) continue;
            transactions.Add(bytes);
            bytes = 0;
        }
        return transactions;
    }

    private FileStream Open(string suffix) => new(database + suffix, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    /// <param name="Frame">How many frames are valid.</param>
    /// <param name="Page">Bytes of a page.</param>
    /// <param name="Salt">Another one each time the log is begun anew.</param>
    public readonly record struct Place(long Frame, int Page, ulong Salt);
}
