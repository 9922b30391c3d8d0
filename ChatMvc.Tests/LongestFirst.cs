using ChatMvc.Tests.Browsers;
using ChatMvc.Tests.Crash;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("ChatMvc.Tests.LongestFirst", "ChatMvc.Tests")]

namespace ChatMvc.Tests;

/// <summary>Begins with the collections that take longest, so that none of them is left running alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    // A collection of one class is named after it.
    private static readonly string[] Longest = [InABrowser.Name, nameof(RandomKillTests), $".{nameof(KillTests)}", nameof(SecondKillTests), nameof(ShutdownTests)];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(c => Array.FindIndex(Longest, name => c.DisplayName.EndsWith(name, StringComparison.Ordinal)) is >= 0 and var place ? place : Longest.Length);
}
