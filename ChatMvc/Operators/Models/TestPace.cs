namespace ChatMvc.Operators.Models;

/// <summary>A few test calls a minute, whoever makes them: each costs money, and may take half a minute.</summary>
public sealed class TestPace(TimeProvider time)
{
    public const int PerMinute = 5;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Queue<DateTimeOffset> made = new(PerMinute);

    /// <summary>Takes a place.</summary>
    /// <returns>Null when there was one; otherwise how long until there is.</returns>
    public TimeSpan? Take()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            while (made.TryPeek(out var first) && now - first >= Minute) made.Dequeue();
            if (made.Count >= PerMinute) return made.Peek() + Minute - now;
            made.Enqueue(now);
            return null;
        }
    }
}
