using System.Globalization;
using System.Text;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Load;

/// <summary>What a follower saw of one answer.</summary>
/// <param name="IsWhole">It ended well, with every word once and in order.</param>
/// <param name="Received">When the socket had each token.</param>
/// <param name="Done">When it had the whole article.</param>
internal sealed record Followed(bool IsWhole, long[] Received, long Done);

/// <summary>Reads the events of a room at its socket, one answer after the other.</summary>
internal sealed class Follower : IDisposable
{
    private const int BufferSize = 16 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly HttpLine line;
    private readonly CancellationTokenSource leaving = new();
    private readonly Lock gate = new();
    private TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<Followed> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task reading = Task.CompletedTask;
    private long[] received = [];
    private int next;
    private long lastEnded;

    private Follower(HttpLine line) => this.line = line;

    /// <summary>Completes with the first bytes of the stream.</summary>
    public Task Connected => connected.Task.WaitAsync(Patience);

    public static Follower Open(int port, byte[] request)
    {
        var follower = new Follower(HttpLine.Open(port, BufferSize));
        follower.reading = follower.ReadAsync(request);
        return follower;
    }

    /// <summary>Waits for the next answer, which is told of from now on. Call it before the question is sent.</summary>
    public Task<Followed> ExpectAsync(Wish wish)
    {
        lock (gate)
        {
            received = new long[wish.Tokens];
            next = 0;
            ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (reading.IsCompleted) return Task.FromException<Followed>(new IOException("The stream has ended."));
            return ended.Task.WaitAsync(Patience);
        }
    }

    public void Dispose()
    {
        leaving.Cancel();
        line.Dispose();
    }

    private async Task ReadAsync(byte[] request)
    {
        try
        {
            await line.FollowAsync(request, Take, leaving.Token);
            throw new IOException("The stream has ended.");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            connected.TrySetException(e);
            ended.TrySetException(e);
            // Whoever waits for one of them hears of it.
            _ = (connected.Task.Exception, ended.Task.Exception);
        }
    }

    private void Take(HttpReply reply, long now)
    {
        if (!reply.HasHead) return;
        if (reply.Status != 200) throw new IOException($"The events gave {reply.Status}.");
        if (reply.Body.Length > 0) connected.TrySetResult();
        var body = reply.Body;
        var taken = 0;
        while (body[taken..].IndexOf("\n\n"u8) is var end && end >= 0)
        {
            lock (gate) TakeEvent(body.Slice(taken, end), now);
            taken += end + 2;
        }
        reply.Forget(taken);
    }

    private void TakeEvent(ReadOnlySpan<byte> text, long now)
    {
        if (next < received.Length && Tokens.LastIn(text) is var last && last >= next && last < received.Length)
        {
            received.AsSpan(next, last + 1 - next).Fill(now);
            next = last + 1;
        }
        if (text.IndexOf("data-role=\"assistant\""u8) < 0) return;
        var isDone = text.IndexOf("data-state=\"done\""u8) >= 0;
        if (!isDone && text.IndexOf("data-state=\"failed\""u8) < 0 && text.IndexOf("data-state=\"stopped\""u8) < 0) return;
        // The same article may come once more, as when the room is renamed.
        var id = IdIn(text);
        if (id <= lastEnded) return;
        lastEnded = id;
        ended.TrySetResult(new Followed(isDone && Tokens.AreWholeIn(text, received.Length) && next == received.Length, received, now));
    }

    private static long IdIn(ReadOnlySpan<byte> article)
    {
        var at = article.IndexOf("id=\"m-"u8) + 6;
        var digits = article[at..];
        return long.Parse(Encoding.ASCII.GetString(digits[..digits.IndexOf((byte)'"')]), CultureInfo.InvariantCulture);
    }
}
