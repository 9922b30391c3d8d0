using System.Net;
using System.Net.Sockets;

namespace ChatMvc.Bench.Load;

/// <summary>A connection that is kept alive, and on it one request after the other.</summary>
internal sealed class HttpLine : IDisposable
{
    private const int BufferSize = 128 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Socket socket;
    private readonly byte[] buffer;
    private readonly HttpReply reply = new();

    private HttpLine(Socket socket, int bufferSize) => (this.socket, buffer) = (socket, new byte[bufferSize]);

    /// <exception cref="SocketException">Nobody listens.</exception>
    public static HttpLine Open(int port, int bufferSize = BufferSize)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = (int)Patience.TotalMilliseconds };
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return new HttpLine(socket, bufferSize);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Blocks this thread: nothing is cheaper. The reply is the line's own and holds until the next request.</summary>
    public HttpReply Send(ReadOnlySpan<byte> request)
    {
        reply.Clear();
        socket.Send(request);
        while (!reply.IsComplete) reply.Read(buffer.AsSpan(0, Some(socket.Receive(buffer))));
        return reply;
    }

    /// <inheritdoc cref="Send"/>
    public async Task<HttpReply> SendAsync(ReadOnlyMemory<byte> request)
    {
        using var limit = new CancellationTokenSource(Patience);
        reply.Clear();
        await socket.SendAsync(request, limit.Token);
        while (!reply.IsComplete) reply.Read(buffer.AsSpan(0, Some(await socket.ReceiveAsync(buffer, limit.Token))));
        return reply;
    }

    /// <summary>Asks for something that has no end; what comes of it is handed over piece by piece, until it is cancelled.</summary>
    public async Task FollowAsync(ReadOnlyMemory<byte> request, Action<HttpReply, long> take, CancellationToken cancellation)
    {
        reply.Clear();
        await socket.SendAsync(request, cancellation);
        while (!reply.IsComplete)
        {
            var received = Some(await socket.ReceiveAsync(buffer, cancellation));
            var now = Clock.Now;
            reply.Read(buffer.AsSpan(0, received));
            take(reply, now);
        }
    }

    public void Dispose() => socket.Dispose();

    private static int Some(int received) => received > 0 ? received : throw new IOException("The server closed the connection.");
}
