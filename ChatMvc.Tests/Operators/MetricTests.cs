using System.Globalization;
using System.Text.RegularExpressions;
using ChatMvc.Shared;
using ChatMvc.Tests.Chats;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Operators;

/// <summary>The figures that a monitor reads.</summary>
public sealed partial class MetricTests : IAsyncLifetime, IDisposable
{
    private const string Token = "a-token-of-24-characters";
    private static readonly string[] OfASend = ["\"POST\"", "\"303\"", "chats/{key:maxlength(32)}/{handler?}\""];
    private TestApp app = null!;
    private Visitor monitor = null!;

    public async Task InitializeAsync()
    {
        app = await TestApp.StartAsync($"Metrics:Token={Token}");
        monitor = new Visitor(app.Address);
    }

    public async Task DisposeAsync() => await app.DisposeAsync();

    public void Dispose() => monitor.Dispose();

    [Fact]
    public async Task Only_this_machine_and_whoever_has_the_token_may_read_them()
    {
        (string, string) proxy = ("X-Forwarded-For", "203.0.113.7");
        Assert.Equal(200, (await monitor.GetAsync("/metrics")).Status);
        Assert.Equal(404, (await monitor.GetAsync("/metrics", proxy)).Status);
        foreach (var wrong in new[] { $"Bearer {Token}x", "Bearer ", "Bearer", $"Basic {Token}", Token })
            Assert.Equal((wrong, 404), (wrong, (await monitor.GetAsync("/metrics", proxy, ("Authorization", wrong))).Status));
        var answer = await monitor.GetAsync("/metrics", proxy, ("Authorization", $"Bearer {Token}"));
        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain(Token, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_none_is_the_right_one()
    {
        await using var other = await TestApp.StartAsync();
        using var visitor = new Visitor(other.Address);
        foreach (var wrong in new[] { "Bearer ", "Bearer null" })
            Assert.Equal(404, (await visitor.GetAsync("/metrics", ("X-Forwarded-For", "203.0.113.7"), ("Authorization", wrong))).Status);
    }

    [Fact]
    public async Task An_answer_is_counted_from_the_page_to_its_last_token_and_nothing_of_it_is_told()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("One two three four five six seven eight.");
        var chat = await maya.StartChatAsync("A question about canaries");
        await maya.LastAnswerAsync(chat);
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        const string Answers = "chatmvc_answers_total{state=\"done\",model=\"gpt-6-luna\"}";
        const string Lag = "chatmvc_stream_lag_seconds_count";
        // A word that comes before the follower looked is in the whole article, and no lag is known of it.
        var watched = 0;
        do await WatchAnAnswerAsync(app, maya, chat, follower);
        while (++watched < 3 && !(await ReadAsync()).ContainsKey(Lag));
        // Counted a moment after it is shown.
        await Rooms.EventuallyAsync(async () => (await ReadAsync()).GetValueOrDefault(Answers) == 1 + watched, "all are counted");
        var figures = await ReadAsync();

        Assert.True(figures["chatmvc_tokens_total{model=\"gpt-6-luna\",kind=\"answer\"}"] >= 11);
        Assert.True(figures["chatmvc_cost_usd_total{model=\"gpt-6-luna\"}"] > 0);
        Assert.Equal(1, figures["chatmvc_stream_followers"]);
        Assert.True(figures[Lag] > 0);
        Assert.True(figures["chatmvc_write_gate_wait_seconds_count"] > 4);
        Assert.True(figures["chatmvc_write_gate_hold_seconds_count"] > 4);
        Assert.Equal(1, figures["chatmvc_sms_messages{state=\"sent\"}"]);
        Assert.Equal(0, figures["chatmvc_sms_messages{state=\"failed\"}"]);
        Assert.Equal(0, figures["chatmvc_webhooks{state=\"parked\"}"]);
        Assert.Equal(0, figures["chatmvc_queue_length"]);
        Assert.Equal(0, figures["chatmvc_jobs{state=\"dead\"}"]);
        Assert.True(figures["chatmvc_spent_today_usd"] > 0);
        Assert.True(figures["chatmvc_disk_free_bytes"] > 0);
        Assert.Equal(double.PositiveInfinity, figures["chatmvc_backup_age_seconds"]);
        Assert.True(figures["dotnet_process_memory_working_set_bytes"] > 0);
        Assert.Contains(figures.Keys, name => name.StartsWith("http_server_request_duration_seconds_count", StringComparison.Ordinal)
            && OfASend.All(label => name.Contains(label, StringComparison.Ordinal)));

        var text = (await monitor.GetAsync("/metrics")).Text;
        foreach (var secret in new[] { "canaries", chat["/chats/".Length..], TestApp.PhoneOf("Maya")[1..], "Maya" })
            Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_failed_answer_is_counted_with_its_reason()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Status = 401 };
        await maya.LastAnswerAsync(await maya.StartChatAsync("Hello"));
        await Rooms.EventuallyAsync(async () => (await ReadAsync()).ContainsKey("chatmvc_answer_failures_total{failure=\"KeyRefused\"}"), "it is counted");
        var figures = await ReadAsync();
        Assert.Equal(1, figures["chatmvc_answers_total{state=\"failed\",model=\"gpt-6-luna\"}"]);
        Assert.Equal(1, figures["chatmvc_answer_failures_total{failure=\"KeyRefused\"}"]);
    }

    [Fact]
    public async Task However_many_models_there_are_the_figures_stay_few_and_no_name_breaks_a_line()
    {
        var meters = app.Services.GetRequiredService<Meters>();
        meters.AnswerEnded("done", "a \"quoted\"\\name\nwith two lines", null);
        for (var i = 0; i < 500; i++) meters.AnswerEnded("done", $"model-{i}", null);
        var figures = await ReadAsync();
        Assert.Equal(1, figures["chatmvc_answers_total{state=\"done\",model=\"a \\\"quoted\\\"\\\\name\\nwith two lines\"}"]);
        Assert.Equal(Meters.MaxModels + 1, figures.Keys.Count(k => k.StartsWith("chatmvc_answers_total", StringComparison.Ordinal)));
        Assert.Equal(500 - Meters.MaxModels + 1, figures[$"chatmvc_answers_total{{state=\"done\",model=\"{Meters.FurtherModels}\"}}"]);
    }

    [Fact]
    public async Task Addresses_that_lead_nowhere_make_no_figures_of_their_own()
    {
        for (var i = 0; i < 20; i++) await monitor.GetAsync($"/nowhere/{i}");
        Assert.DoesNotContain("nowhere", (await monitor.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    /// <summary>An answer of which each word was seen before the next one came: so it came as words, and not as a whole.</summary>
    internal static async Task WatchAnAnswerAsync(TestApp app, Visitor visitor, string chat, RoomFollower follower)
    {
        TaskCompletionSource one = new(), two = new();
        app.OpenAI.Behaviour = new() { Text = "Oneword twoword threeword", FirstTokenDelayMs = 0, TokenDelayMs = 0, BeforeToken = sent => sent switch { 0 => Task.CompletedTask, 1 => one.Task, _ => two.Task } };
        var earlier = follower.LastAnswer?.Id;
        Assert.Equal(303, (await visitor.SayAsync(chat, "Another one")).Status);
        await follower.UntilAsync(f => f.LastAnswer?.Id != earlier && f.Body.Contains("One", StringComparison.Ordinal));
        one.SetResult();
        await follower.UntilAsync(f => f.Body.Contains("two", StringComparison.Ordinal));
        two.SetResult();
        await follower.UntilAsync(f => f.State == "done");
    }

    /// <summary>Every line by its grammar, every name with its type before it, every histogram in order.</summary>
    private async Task<Dictionary<string, double>> ReadAsync()
    {
        var answer = await monitor.GetAsync("/metrics");
        var (figures, name) = (new Dictionary<string, double>(), "");
        Assert.EndsWith("\n", answer.Text, StringComparison.Ordinal);
        foreach (var line in answer.Text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal)) continue;
            if (TypeLine().Match(line) is { Success: true } type)
            {
                name = type.Groups[1].Value;
                continue;
            }
            var figure = FigureLine().Match(line);
            Assert.True(figure.Success, line);
            Assert.StartsWith(name, figure.Groups[1].Value, StringComparison.Ordinal);
            figures.Add(figure.Groups[1].Value + figure.Groups[2].Value, figure.Groups[3].Value == "+Inf" ? double.PositiveInfinity : double.Parse(figure.Groups[3].Value, CultureInfo.InvariantCulture));
        }
        foreach (var (series, count) in figures.Where(f => f.Key.Contains("_seconds_count", StringComparison.Ordinal)))
        {
            var buckets = figures.Where(f => f.Key.Contains("le=", StringComparison.Ordinal) && LastLabel().Replace(f.Key, "") == Open(series)).Select(f => f.Value).ToList();
            Assert.True(buckets.Count > 2, series);
            Assert.Equal(buckets.Order(), buckets);
            Assert.Equal(count, buckets[^1]);
        }
        return figures;
    }

    private static string Open(string series) => series.Replace("_count", "_bucket", StringComparison.Ordinal) is var name && name.EndsWith('}') ? name[..^1] : name;

    [GeneratedRegex(@"^# TYPE ([a-z_]+) (?:counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? (\+Inf|-?[0-9.E+-]+)$""")]
    private static partial Regex FigureLine();

    [GeneratedRegex("""(?:,|\{)le="[^"]*"\}$""")]
    private static partial Regex LastLabel();
}
