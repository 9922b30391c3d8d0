using System.Diagnostics;

namespace ChatMvc.Bench;

/// <summary>Nanoseconds of the kernel's monotonic clock: the same in every process of this machine.</summary>
internal static class Clock
{
    public static long Now => Stopwatch.GetTimestamp();

    public static double Milliseconds(long from, long to) => (to - from) * 1_000.0 / Stopwatch.Frequency;

    public static long Ticks(double milliseconds) => (long)(milliseconds * Stopwatch.Frequency / 1_000);
}
