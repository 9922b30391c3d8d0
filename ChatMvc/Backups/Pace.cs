using System.Diagnostics;

namespace ChatMvc.Backups;

/// <summary>Rests as long as it worked: the people who chat share the disk.</summary>
internal sealed class Pace(CancellationToken cancellation)
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(250);

    private long began = Stopwatch.GetTimestamp();

    /// <exception cref="OperationCanceledException">It is not wanted any more.</exception>
    public void Rest()
    {
        var worked = Stopwatch.GetElapsedTime(began);
        cancellation.WaitHandle.WaitOne(worked < LongestRest ? worked : LongestRest);
        cancellation.ThrowIfCancellationRequested();
        began = Stopwatch.GetTimestamp();
    }
}

/// <summary>A file that is written at a pace, and put on the disk piece by piece: one large flush would hold everybody up.</summary>
internal sealed class PacedFile(FileStream file, Pace pace) : Stream
{
    private const int Piece = 4 * 1024 * 1024;

    private int unflushed;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => file.Length;
    public override long Position { get => file.Position; set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        file.Write(buffer);
        unflushed += buffer.Length;
        if (unflushed < Piece) return;
        Flush();
        pace.Rest();
    }

    public override void Flush()
    {
        file.Flush(flushToDisk: true);
        unflushed = 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
