using System.Net;

namespace ChatMvc.Completions;

/// <summary>
/// An upstream's body that is read no further than its bounds: each line of an event stream, everything else in all.
/// Both are gathered in memory before anybody can judge them.
/// </summary>
/// <exception cref="InvalidDataException">Out of reading, beyond a bound.</exception>
internal sealed class BoundedBody(Stream body, bool isEventStream) : Stream
{
    /// <summary>Bytes: one event with the longest answer in it, each character as an escape of six.</summary>
    private const int MaxLine = 4 * 1024 * 1024;
    /// <summary>Bytes: the longest list of models, or an answer from a server that does not call it a stream.</summary>
    private const int MaxInAll = 32 * 1024 * 1024;

    private long sinceStart;

    /// <summary>Puts the bounds around a response's body.</summary>
    public static async Task PutAroundAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var (type, whole) = (response.Content.Headers.ContentType, response.Content);
        var isEventStream = response.StatusCode == HttpStatusCode.OK && type?.MediaType == "text/event-stream";
        response.Content = new StreamContent(new BoundedBody(await whole.ReadAsStreamAsync(cancellation), isEventStream));
        foreach (var header in whole.Headers) response.Content.Headers.TryAddWithoutValidation(header.Key, header.Value);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        Count(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = body.Read(buffer, offset, count);
        Count(buffer.AsSpan(offset, read));
        return read;
    }

    private void Count(ReadOnlySpan<byte> bytes)
    {
        var lineEnd = isEventStream ? bytes.LastIndexOf((byte)'\n') : -1;
        sinceStart = lineEnd < 0 ? sinceStart + bytes.Length : bytes.Length - lineEnd - 1;
        if (sinceStart > (isEventStream ? MaxLine : MaxInAll)) throw new InvalidDataException("The upstream sends without end.");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) body.Dispose();
        base.Dispose(disposing);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
