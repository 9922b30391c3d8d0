using ChatMvc.Tests;
using ChatMvc.Tests.Accounts;

namespace ChatMvc.Bench;

/// <summary>The attacks of the tests for as many days as one likes, and what the time of an answer tells of a number.</summary>
internal static class Attack
{
    public const int DefaultDays = 30;
    public const int MaxDays = 365;
    private const string Number = "+12139990101";
    private const int Many = 200;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    /// <summary>Six digits.</summary>
    private const double Codes = 1_000_000;

    public static async Task<int> RunAsync(int days)
    {
        foreach (var addresses in new[] { 1, Many })
        {
            await using var app = await TestApp.StartAsync();
            Tell($"one number from {addresses} addresses in {days} days", await Attacks.GuessAsync(app, Number, addresses, days * Day));
        }
        foreach (var addresses in new[] { 1, Many })
        {
            await using var app = await TestApp.StartAsync();
            var numbers = Attacker.Numbers(1_000);
            await Attacks.HaveAccountsAsync(app, numbers);
            Tell($"a thousand accounts from {addresses} addresses in a day", await Attacks.AskAsync(app, numbers, addresses, Day, guessing: true));
        }
        foreach (var door in ResponseTimes.Doors)
        {
            var times = await ResponseTimes.MeasureAsync(door);
            Console.WriteLine($"{door}: {string.Join(", ", times.Select(t => $"{t.Case} {t.Milliseconds.Median():N1} ms"))} ({times[0].Milliseconds.Count} each, by turns; load {Machine.Load()[0]})");
        }
        return 0;
    }

    private static void Tell(string what, AttackResult result) =>
        Console.WriteLine($"{what}: {result}; one of these guesses is right with {1 - Math.Pow(1 - 1 / Codes, result.Guesses):P3}");
}
