using ChatMvc.Tests.Billing;

namespace ChatMvc.Bench;

/// <summary>The random books of the tests, in as many steps as one likes, each time other ones.</summary>
internal static class Books
{
    public const int Default = 10_000;
    public const int Max = 1_000_000;

    /// <returns>The exit code: 0 when they balance, else 1.</returns>
    public static async Task<int> RunAsync(int steps)
    {
        var seed = Random.Shared.Next();
        Console.WriteLine($"Seed {seed}");
        var result = await RandomBooks.RunAsync(seed, steps, Console.WriteLine);
        Console.WriteLine($"""

            {steps:N0} steps: {result.Sent:N0} messages taken, {result.Refused:N0} refused for want of credit, allowance or room
            {result.Charged:N0} answers paid by credit, {result.Stopped:N0} stopped, {result.Failed:N0} failed
            {result.Problems.Count} problems
            """);
        foreach (var problem in result.Problems) Console.WriteLine(problem);
        return result.Problems.Count == 0 ? 0 : 1;
    }
}
