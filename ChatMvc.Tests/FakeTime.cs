namespace ChatMvc.Tests;

/// <summary>The real clock, some way ahead: it ticks, timers run as ever, and a test can move it on.</summary>
public sealed class FakeTime : TimeProvider
{
    private long aheadTicks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref aheadTicks));

    public void Advance(TimeSpan by) => Interlocked.Add(ref aheadTicks, by.Ticks);
}
