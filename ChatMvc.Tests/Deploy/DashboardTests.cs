using System.Text.Json;
using System.Text.RegularExpressions;
using ChatMvc.Tests.Chats;
using ChatMvc.Tests.Operators;

namespace ChatMvc.Tests.Deploy;

/// <summary>The dashboard and the alarms ask for figures that are there.</summary>
public sealed partial class DashboardTests
{
    [Theory]
    [InlineData("deploy/grafana-dashboard.json")]
    [InlineData("deploy/alerts.yml")]
    public async Task Every_figure_it_asks_for_is_told(string file)
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("Hello");
        await maya.LastAnswerAsync(chat);
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        await MetricTests.WatchAnAnswerAsync(app, maya, chat, follower);
        app.OpenAI.Behaviour = new() { Status = 401 };
        await maya.SayAsync(chat, "And again");
        await follower.UntilAsync(f => f.State == "failed");
        var told = (await maya.GetAsync("/metrics")).Text;
        var names = FigureName().Matches(told).Select(m => m.Groups[1].Value).ToHashSet();

        var asked = Asked().Matches(Repository.Read(file)).Select(m => m.Value).Distinct().ToList();

        Assert.True(asked.Count > 10);
        Assert.Empty(asked.Except(names));
        var labels = Labels().Matches(Repository.Read(file)).SelectMany(m => m.Groups[1].Value.Split(", ")).Where(l => l != "le").Distinct();
        Assert.All(labels, label => Assert.Contains(label + "=\"", told, StringComparison.Ordinal));
    }

    [Fact]
    public void The_dashboard_is_one_that_Grafana_reads()
    {
        using var dashboard = JsonDocument.Parse(Repository.Read("deploy/grafana-dashboard.json"));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        Assert.True(panels.Count > 15);
        Assert.Equal(panels.Count, panels.Select(p => p.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(panels, p => Assert.NotEqual(0, p.GetProperty("targets").GetArrayLength()));
    }

    [Fact]
    public void Every_alarm_leads_to_a_chapter_of_the_handbook()
    {
        var alerts = Repository.Read("deploy/alerts.yml");
        var chapters = Runbook().Matches(alerts).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(Regex.Count(alerts, "- alert: "), chapters.Count);
        Assert.Empty(chapters.Except(HandbookTests.Chapters("docs/handbook.md")));
    }

    [GeneratedRegex(@"^([a-z_]+)[{ ]", RegexOptions.Multiline)]
    private static partial Regex FigureName();

    [GeneratedRegex(@"\b(?:chatmvc|http_server|dotnet)_[a-z_]+")]
    private static partial Regex Asked();

    [GeneratedRegex(@"\bby \(([a-z_, ]+)\)")]
    private static partial Regex Labels();

    [GeneratedRegex(@"runbook: docs/handbook\.md#([a-z-]+)")]
    private static partial Regex Runbook();
}
