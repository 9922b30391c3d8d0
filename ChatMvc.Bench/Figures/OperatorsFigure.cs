using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;
using Microsoft.Data.Sqlite;

namespace ChatMvc.Bench.Figures;

/// <summary>The operators' pages of a server that was used a lot: a million messages, ten thousand people, 100,000 past jobs.</summary>
internal sealed class OperatorsFigure : Figure
{
    private const int Messages = 1_000_000, People = 10_000, Runs = 100_000;
    /// <summary>The runs lie in as many days as are kept, or all in the day that is drawn.</summary>
    private static readonly TimeSpan InAFortnight = TimeSpan.FromSeconds(12), InADay = TimeSpan.FromMilliseconds(800);

    private static readonly Goal Overview = new("/ops over 1,000,000 messages and 10,000 people", "ms", AtMost: 200);
    private static readonly Goal Users = new("/ops/users", "ms", AtMost: 200);
    private static readonly Goal Jobs = new("/ops/jobs over 100,000 past jobs of two weeks", "ms", AtMost: 200);
    private static readonly Goal BusyJobs = new("… all of them of the last day", "ms", AtMost: 200);

    public override string Name => "operators";
    public override IReadOnlyList<Goal> Goals => [Overview, Users, Jobs, BusyJobs];
    public override TimeSpan Limit => TimeSpan.FromMinutes(8);

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        Workbench.Say($"{Name}: filling the database");
        var (data, owner) = await bench.SeedAsync(async seed =>
        {
            var owner = await seed.PersonAsync();
            await seed.StrangersAsync(People);
            await seed.ArchiveAsync(owner, Messages, articleBytes: 2);
            await seed.UsageAsync(owner, Messages);
            return owner;
        });
        await using var site = await bench.StartAsync(data, new Dictionary<string, string> { ["Operators__0"] = Seed.FirstNumber });
        await FillAsync(data, InAFortnight);
        await bench.RunAsync(Name, () => PageLoads.MediansAsync(site, owner, "/ops", "/ops/users", "/ops/jobs"), async () =>
        {
            var times = await PageLoads.MediansAsync(site, owner, "/ops", "/ops/users", "/ops/jobs");
            readings.Add(Overview, times[0]);
            readings.Add(Users, times[1]);
            readings.Add(Jobs, times[2]);
        });
        await FillAsync(data, InADay);
        await bench.RunAsync($"{Name}, a busy day", () => PageLoads.MediansAsync(site, owner, "/ops/jobs"), async () =>
            readings.Add(BusyJobs, (await PageLoads.MediansAsync(site, owner, "/ops/jobs"))[0]));
        readings.Notes.Add($"medians of {PageLoads.Rounds} loads, one at a time, each a whole page over HTTP.");
    }

    // As Quartz writes them, in its own file, in the place of those that were there.
    private static async Task FillAsync(string data, TimeSpan apart)
    {
        await using var jobs = new SqliteConnection($"Data Source={Path.Combine(data, "jobs.db")};Pooling=False");
        await jobs.OpenAsync();
        await using var fill = jobs.CreateCommand();
        fill.CommandText = """
            DELETE FROM QRTZ_EXECUTION_HISTORY;
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $runs - 1)
            INSERT INTO QRTZ_EXECUTION_HISTORY (SCHED_NAME, ENTRY_ID, INSTANCE_NAME, JOB_NAME, JOB_GROUP, TRIGGER_NAME, TRIGGER_GROUP, FIRED_TIME, RUN_TIME, SUCCEEDED, RESULT, SUMMARY)
            SELECT 'jobs', 'entry' || i, 'NON_CLUSTERED', i || ':0123456789ABCDEF', CASE i % 3 WHEN 0 THEN 'answer' WHEN 1 THEN 'title' ELSE 'sms' END, i || ':0123456789ABCDEF', 'answer',
                $now - i * $apart, i % 900 * 10000, i % 10 <> 0, i % 10 = 0, CASE WHEN i % 10 = 0 THEN 'HttpRequestException' END FROM n
            """;
        fill.Parameters.AddWithValue("$runs", Runs);
        fill.Parameters.AddWithValue("$now", DateTime.UtcNow.Ticks);
        fill.Parameters.AddWithValue("$apart", apart.Ticks);
        await fill.ExecuteNonQueryAsync();
    }
}
