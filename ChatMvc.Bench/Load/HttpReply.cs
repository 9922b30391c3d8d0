using System.Buffers;
using System.Globalization;
using System.Text;

namespace ChatMvc.Bench.Load;

/// <summary>
/// Reads one answer of HTTP/1.1 out of whatever pieces the socket gives: the head, then the body freed of its chunks.
/// Made for one thing: to cost next to nothing beside the server that shares the machine.
/// </summary>
internal sealed class HttpReply
{
    private enum Part { Head, Fixed, ChunkSize, Chunk, ChunkEnd, Trailer, Complete }

    private readonly ArrayBufferWriter<byte> head = new(1_024);
    private readonly ArrayBufferWriter<byte> body = new(1_024);
    private Part part;
    private long left;

    public int Status { get; private set; }
    public bool IsComplete => part == Part.Complete;
    public bool HasHead => part != Part.Head;
    /// <summary>What has come of it and was not forgotten.</summary>
    public ReadOnlySpan<byte> Body => body.WrittenSpan;
    public string Head => Encoding.ASCII.GetString(head.WrittenSpan);

    public void Clear()
    {
        head.ResetWrittenCount();
        body.ResetWrittenCount();
        (part, left, Status) = (Part.Head, 0, 0);
    }

    /// <summary>Lets go of the first bytes of the body: a stream has no end to wait for.</summary>
    public void Forget(int bytes)
    {
        if (bytes == 0) return;
        var rest = body.WrittenSpan[bytes..].ToArray();
        body.ResetWrittenCount();
        body.Write(rest);
    }

    public string? Header(string name)
    {
        var at = Head.IndexOf($"\r\n{name}: ", StringComparison.OrdinalIgnoreCase);
        if (at < 0) return null;
        var from = at + name.Length + 4;
        return Head[from..Head.IndexOf("\r\n", from, StringComparison.Ordinal)];
    }

    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0 && part != Part.Complete)
        {
            switch (part)
            {
                case Part.Head:
                    var line = bytes[..(bytes.IndexOf((byte)'\n') is var end && end < 0 ? bytes.Length : end + 1)];
                    head.Write(line);
                    bytes = bytes[line.Length..];
                    if (head.WrittenSpan.EndsWith("\r\n\r\n"u8)) Begin();
                    break;
                case Part.Fixed or Part.Chunk:
                    var here = bytes[..(int)Math.Min(left, bytes.Length)];
                    body.Write(here);
                    bytes = bytes[here.Length..];
                    left -= here.Length;
                    if (left == 0) part = part == Part.Fixed ? Part.Complete : Part.ChunkEnd;
                    break;
                case Part.ChunkSize:
                    if (bytes[0] == '\n') part = left == 0 ? Part.Trailer : Part.Chunk;
                    else if (bytes[0] != '\r') left = left * 16 + Hex(bytes[0]);
                    bytes = bytes[1..];
                    break;
                case Part.ChunkEnd:
                    if (bytes[0] == '\n') part = Part.ChunkSize;
                    bytes = bytes[1..];
                    break;
                case Part.Trailer:
                    // Ends with an empty line; there is never anything in it.
                    if (bytes[0] == '\n') part = Part.Complete;
                    bytes = bytes[1..];
                    break;
            }
        }
    }

    private void Begin()
    {
        Status = (head.WrittenSpan[9] - '0') * 100 + (head.WrittenSpan[10] - '0') * 10 + head.WrittenSpan[11] - '0';
        if (Header("Content-Length") is { } length)
        {
            left = long.Parse(length, CultureInfo.InvariantCulture);
            part = left == 0 ? Part.Complete : Part.Fixed;
        }
        else
        {
            part = Header("Transfer-Encoding") is null ? Part.Complete : Part.ChunkSize;
        }
    }

    private static int Hex(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => throw new IOException("A chunk's size is no number."),
    };
}
