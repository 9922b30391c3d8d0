using Xunit.Abstractions;

namespace ChatMvc.Tests.Crash;

/// <summary>Fifty of them here, two hundred in <c>ChatMvc.Bench</c>.</summary>
public sealed class RandomKillTests(ITestOutputHelper output)
{
    private const int Kills = 50;
    private const int Seed = 20_261_120;

    [Fact]
    public async Task Fifty_random_kills_lose_and_double_nothing()
    {
        var result = await RandomKills.RunAsync(Kills, Seed, output.WriteLine);

        output.WriteLine(result.ToString());
        Assert.Empty(result.Problems);
        Assert.Equal(Kills, result.Kills);
        // They were in the middle of something.
        Assert.True(result.Sends >= Kills / 2 && result.Repeated > 0 && result.AskedTwice > 0, result.ToString());
    }
}
