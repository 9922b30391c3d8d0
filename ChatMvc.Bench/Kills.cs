using ChatMvc.Tests.Crash;

namespace ChatMvc.Bench;

/// <summary>The random kills of the tests, as many as one likes, each time at other moments.</summary>
internal static class Kills
{
    public const int Default = 200;
    public const int Max = 100_000;

    /// <returns>The exit code: 0 when all was well, else 1.</returns>
    public static async Task<int> RunAsync(int kills)
    {
        var seed = Random.Shared.Next();
        Console.WriteLine($"Seed {seed}");
        var result = await RandomKills.RunAsync(kills, seed, Console.WriteLine);
        var starts = result.Starts.Order().ToList();
        Console.WriteLine($"""

            {result.Kills} kills, and {result.KillsInStart} more before the server had started
            {result.Sends} messages accepted, {result.Repeated} posts repeated
            {result.AskedTwice} answers hit by a kill and asked for again, {result.Failed} hit twice and failed
            start to ready: median {starts[starts.Count / 2].TotalSeconds:N1} s, longest {starts[^1].TotalSeconds:N1} s
            all answers had ended {result.Settling.TotalSeconds:N1} s after the last start
            {result.Problems.Count} problems
            """);
        foreach (var problem in result.Problems) Console.WriteLine(problem);
        return result.Problems.Count == 0 ? 0 : 1;
    }
}
