using System.Text;
using ChatMvc.Chats;
using ChatMvc.Completions.Rendering;

namespace ChatMvc.Completions.Live;

/// <summary>A running answer as it is to be shown now.</summary>
/// <param name="Version">Grows with every change of the text.</param>
/// <param name="Shown">Safe HTML: finished blocks and the open one.</param>
public sealed record LiveFrame(long Version, StreamedMarkdown Shown);

/// <summary>An answer while it is written: its text so far, rendered once for all who follow it. Thread-safe.</summary>
#pragma warning disable CA1001 // End() disposes what it owns, in the same breath as it says that it has ended
public sealed class LiveAnswer
#pragma warning restore CA1001
{
    private readonly Lock gate = new();
    private readonly Lock stopGate = new();
    private readonly StringBuilder text = new();
    private readonly StreamingMarkdown markdown = new();
    private readonly CancellationTokenSource stop;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int start;
    private int saved;
    private int rendered;
    private StreamedMarkdown shown = StreamedMarkdown.Empty;

    public long MessageId { get; }
    public int Attempt { get; }
    public LiveRoom Room { get; }
    /// <summary>Cancelled when somebody presses stop.</summary>
    public CancellationToken Stopped { get; private init; }
    public long Version => Volatile.Read(ref version);
    /// <summary>How many pieces of text were handed out to be stored.</summary>
    public int SavedPieces { get; private set; }

    private long version;

    /// <param name="message">The answer.</param>
    /// <param name="room">Where it is followed.</param>
    /// <param name="earlier">The text that it goes on with: shown at once, and not stored once more before the end.</param>
    public LiveAnswer(Message message, LiveRoom room, string earlier)
    {
        text.Append(earlier);
        saved = start = earlier.Length;
        version = start > 0 ? 1 : 0;
        MessageId = message.Id;
        Attempt = message.Attempt;
        Room = room;
        stop = new CancellationTokenSource();
        Stopped = stop.Token;
    }

    public void Append(string delta)
    {
        lock (gate)
        {
            text.Append(delta);
            version++;
        }
    }

    public string Text
    {
        get { lock (gate) return text.ToString(); }
    }

    /// <summary>What this request has brought.</summary>
    public string NewText
    {
        get { lock (gate) return text.ToString(start, text.Length - start); }
    }

    /// <summary>Of <see cref="NewText"/>.</summary>
    public int Length
    {
        get { lock (gate) return text.Length - start; }
    }

    /// <summary>The text that was not stored yet, and its place in the sequence; null when there is none.</summary>
    public (int Sequence, string Text)? TakeUnsaved()
    {
        lock (gate)
        {
            if (text.Length == saved) return null;
            var piece = text.ToString(saved, text.Length - saved);
            saved = text.Length;
            return (SavedPieces++, piece);
        }
    }

    /// <summary>What to show now. Rendered once per change, and only when somebody asks.</summary>
    public LiveFrame Frame()
    {
        lock (gate)
        {
            if (rendered < text.Length)
            {
                markdown.Append(text.ToString(rendered, text.Length - rendered));
                rendered = text.Length;
                shown = markdown.Render();
            }
            return new LiveFrame(version, shown);
        }
    }

    /// <summary>Completes when the answer has ended and that is committed.</summary>
    public Task Ended => ended.Task;

    /// <summary>Tells the worker to end. A stop pressed in the very moment of the end has nothing to stop.</summary>
    public void Stop()
    {
        lock (stopGate)
        {
            if (!ended.Task.IsCompleted) stop.Cancel();
        }
    }

    internal void End()
    {
        lock (stopGate)
        {
            ended.TrySetResult();
            stop.Dispose();
        }
    }
}
