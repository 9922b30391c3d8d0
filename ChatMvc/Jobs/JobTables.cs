using Microsoft.Data.Sqlite;
using Quartz;

namespace ChatMvc.Jobs;

/// <summary>
/// Reads Quartz's tables, whose own queries list by name and never by time. Times in them are UTC ticks, spans are ticks. A job's trigger
/// is complete while it runs and gone afterwards; a recovering one has a group of its own, so a kind is the job's group.
/// </summary>
internal sealed class JobTables(JobEngine engine, TimeProvider time)
{
    public const int Hours = 24;
    public static readonly JobHour Nothing = new(default, 0, 0, 0);
    private const string EveryResult = "RESULT IN (0, 1, 2, 3)"; // each is a range of the index

    private const string NotBegun = "TRIGGER_STATE NOT IN ('COMPLETE', 'EXECUTING', 'DELETED')";
    private const string Sound = "TRIGGER_STATE NOT IN ('COMPLETE', 'EXECUTING', 'DELETED', 'ERROR')";

    private const string FiguresSql =
        $"""
        SELECT JOB_GROUP, 'running', COUNT(*), NULL FROM QRTZ_FIRED_TRIGGERS
        WHERE SCHED_NAME = 'jobs' AND STATE = 'EXECUTING' GROUP BY JOB_GROUP
        UNION ALL
        SELECT JOB_GROUP, CASE WHEN TRIGGER_STATE = 'ERROR' THEN 'dead' WHEN NEXT_FIRE_TIME > $now THEN 'scheduled' ELSE 'waiting' END AS STANDS, COUNT(*), MIN(NEXT_FIRE_TIME)
        FROM QRTZ_TRIGGERS WHERE SCHED_NAME = 'jobs' AND {NotBegun} GROUP BY JOB_GROUP, STANDS
        """;

    // Named, for Quartz keeps no statistics and SQLite would read all of another to group by it.
    private const string EndedSql =
        $"""
        SELECT JOB_GROUP, RESULT, COUNT(*), FIRED_TIME / $hour FROM QRTZ_EXECUTION_HISTORY INDEXED BY RUNS_BY_RESULT
        WHERE SCHED_NAME = 'jobs' AND {EveryResult} AND FIRED_TIME >= $since GROUP BY 1, 2, 4
        """;

    private const string PausesSql = "SELECT TRIGGER_GROUP, PAUSED_BY, PAUSED_AT FROM QRTZ_PAUSED_TRIGGER_GRPS WHERE SCHED_NAME = 'jobs'";

    // How many runs of the same id there were: its rings differ in their last 16 characters alone.
    private const string SameId =
        "SELECT COUNT(*) FROM QRTZ_EXECUTION_HISTORY o WHERE o.SCHED_NAME = 'jobs' AND o.JOB_GROUP = j.JOB_GROUP"
        + " AND o.JOB_NAME >= substr(j.JOB_NAME, 1, length(j.JOB_NAME) - 16) AND o.JOB_NAME < substr(j.JOB_NAME, 1, length(j.JOB_NAME) - 17) || ';'"
        + " AND length(o.JOB_NAME) = length(j.JOB_NAME)";

    private const string History =
        $"SELECT RESULT, JOB_GROUP, JOB_NAME, FIRED_TIME AS AT, RUN_TIME, ({SameId} AND o.FIRED_TIME <= j.FIRED_TIME) AS RUNS, SUMMARY, NULL, ENTRY_ID AS MARK"
        + " FROM QRTZ_EXECUTION_HISTORY j WHERE SCHED_NAME = 'jobs'";

    private const string Running =
        $"SELECT 'running', JOB_GROUP, JOB_NAME, FIRED_TIME AS AT, NULL, ({SameId}) + 1, NULL, NULL, ENTRY_ID AS MARK"
        + " FROM QRTZ_FIRED_TRIGGERS j WHERE SCHED_NAME = 'jobs' AND STATE = 'EXECUTING'";

    private const string Stored =
        $"SELECT CASE WHEN TRIGGER_STATE = 'ERROR' THEN 'dead' WHEN NEXT_FIRE_TIME > $now THEN 'scheduled' ELSE 'waiting' END, JOB_GROUP, JOB_NAME, COALESCE(NEXT_FIRE_TIME, START_TIME) AS AT, NULL,"
        + $" ({SameId}), NULL, NULL, TRIGGER_NAME AS MARK FROM QRTZ_TRIGGERS j WHERE SCHED_NAME = 'jobs'";

    private const string OfId = " AND JOB_GROUP = $kind AND JOB_NAME >= $from AND JOB_NAME < $to AND length(JOB_NAME) = $length";

    /// <summary>The kinds of which anything is stored, and how it stands.</summary>
    /// <exception cref="JobsUnavailableException">The server is stopping, or the file cannot be read.</exception>
    public async Task<IReadOnlyDictionary<string, JobFigures>> FiguresAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var figures = new Dictionary<string, JobFigures>(StringComparer.Ordinal);
        await ReadAsync(FiguresSql, row =>
        {
            var (kind, count) = (row.GetString(0), row.GetInt32(2));
            var soFar = figures.GetValueOrDefault(kind, JobFigures.None);
            figures[kind] = row.GetString(1) switch
            {
                "running" => soFar with { Running = count },
                "dead" => soFar with { Dead = count },
                "scheduled" => soFar with { Scheduled = count },
                _ => soFar with { Waiting = count, OldestWaiting = row.IsDBNull(3) ? null : now - At(row.GetInt64(3)) },
            };
        }, ct, ("$now", now.UtcTicks));
        return figures;
    }

    /// <summary>How the runs of the last 24 hours that began ended: hour by hour, oldest first, and by kind.</summary>
    public async Task<(IReadOnlyList<JobHour> Hours, IReadOnlyDictionary<string, JobHour> Kinds)> EndedAsync(CancellationToken ct)
    {
        var first = time.GetUtcNow().UtcTicks / TimeSpan.TicksPerHour - (Hours - 1);
        JobHour[] hours = [.. Enumerable.Range(0, Hours).Select(i => Nothing with { From = At((first + i) * TimeSpan.TicksPerHour) })];
        var kinds = new Dictionary<string, JobHour>(StringComparer.Ordinal);
        await ReadAsync(EndedSql, row =>
        {
            // A clock that was put back leaves runs in the future.
            if (row.GetInt64(3) - first is not (>= 0 and < Hours and var hour)) return;
            hours[hour] = With(hours[hour], row);
            kinds[row.GetString(0)] = With(kinds.GetValueOrDefault(row.GetString(0), Nothing), row);
        }, ct, ("$since", first * TimeSpan.TicksPerHour), ("$hour", TimeSpan.TicksPerHour));
        return (hours, kinds);
    }

    public async Task<IReadOnlyDictionary<string, JobPause>> PausesAsync(CancellationToken ct)
    {
        var pauses = new Dictionary<string, JobPause>(StringComparer.Ordinal);
        await ReadAsync(PausesSql, row => pauses[row.GetString(0)] = new JobPause(row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? null : At(row.GetInt64(2))), ct);
        return pauses;
    }

    /// <inheritdoc cref="JobBoard.ListAsync"/>
    public Task<JobLines> ListAsync(JobStanding? standing, string? kind, JobMark? behind, int take, CancellationToken ct) =>
        PageAsync(ListSql(standing, kind is not null, behind is not null), behind, take, ct, ("$kind", kind), ("$result", ResultOf(standing)));

    /// <inheritdoc cref="JobBoard.FindAsync"/>
    public async Task<JobLines> FindAsync(string kind, string id, JobMark? behind, int take, CancellationToken ct)
    {
        (string, object?)[] job = [("$kind", kind), ("$from", id + ':'), ("$to", id + ';'), ("$length", id.Length + 1 + JobName.RingLength)];
        var runs = await PageAsync(History.Replace("NULL, ENTRY_ID", "EXECUTION_LOG, ENTRY_ID", StringComparison.Ordinal) + OfId + Page(behind is not null, "FIRED_TIME", "ENTRY_ID"), behind, take, ct, job);
        if (behind is not null) return runs;
        var stored = await PageAsync($"SELECT * FROM ({Running}{OfId} UNION ALL {Stored} AND {NotBegun}{OfId}){Page(false, "AT", "MARK")}", null, take, ct, job);
        return runs with { Lines = [.. stored.Lines, .. runs.Lines] };
    }

    /// <summary>What a page is read with; a test asks SQLite how it would.</summary>
    internal static string ListSql(JobStanding? standing, bool isOfKind, bool isBehind)
    {
        var ofKind = isOfKind ? " AND JOB_GROUP = $kind" : "";
        return standing switch
        {
            JobStanding.Running => Running + ofKind + Page(isBehind, "FIRED_TIME", "ENTRY_ID"),
            JobStanding.Waiting => $"{Stored} AND {Sound} AND NEXT_FIRE_TIME <= $now{ofKind}{Page(isBehind, "NEXT_FIRE_TIME", "TRIGGER_NAME")}",
            JobStanding.Scheduled => $"{Stored} AND {Sound} AND NEXT_FIRE_TIME > $now{ofKind}{Page(isBehind, "NEXT_FIRE_TIME", "TRIGGER_NAME")}",
            JobStanding.Dead => $"{Stored} AND TRIGGER_STATE = 'ERROR'{ofKind}{Page(isBehind, "COALESCE(NEXT_FIRE_TIME, START_TIME)", "TRIGGER_NAME")}",
            null => History + ofKind + Page(isBehind, "FIRED_TIME", "ENTRY_ID"),
            _ => History + ofKind + " AND RESULT = $result" + Page(isBehind, "FIRED_TIME", "ENTRY_ID"),
        };
    }

    private static string Page(bool isBehind, string at, string key) =>
        (isBehind ? $" AND ({at}, {key}) < ($ticks, $mark)" : "") + $" ORDER BY {at} DESC, {key} DESC LIMIT $take";

    private async Task<JobLines> PageAsync(string sql, JobMark? behind, int take, CancellationToken ct, params (string Name, object? Value)[] parameters)
    {
        var (now, lines) = (time.GetUtcNow(), new List<JobLine>());
        (string, object?)[] all = [.. parameters, ("$now", now.UtcTicks), ("$ticks", behind?.Ticks), ("$mark", behind?.Key), ("$take", take + 1)];
        await ReadAsync(sql, row => lines.Add(LineOf(row, now)), ct, all);
        return lines.Count > take ? new JobLines(lines[..take], lines[take - 1].Mark) : new JobLines(lines, null);
    }

    private static JobLine LineOf(SqliteDataReader row, DateTimeOffset now)
    {
        var standing = StandingOf(row.GetValue(0));
        var at = At(row.GetInt64(3));
        var took = standing is JobStanding.Running ? now - at : row.IsDBNull(4) ? (TimeSpan?)null : TimeSpan.FromTicks(row.GetInt64(4));
        return new JobLine(standing, row.GetString(1), row.GetString(2), at, took, row.GetInt32(5), Text(row, 6), Text(row, 7), new JobMark(at.UtcTicks, row.GetString(8)));
    }

    private static JobStanding StandingOf(object stored) => stored switch
    {
        "running" => JobStanding.Running,
        "dead" => JobStanding.Dead,
        "scheduled" => JobStanding.Scheduled,
        "waiting" => JobStanding.Waiting,
        (long)JobRunResult.Failed => JobStanding.Failed,
        (long)JobRunResult.Cancelled => JobStanding.Cancelled,
        (long)JobRunResult.Skipped => JobStanding.Skipped,
        _ => JobStanding.Succeeded,
    };

    private static int? ResultOf(JobStanding? standing) => standing switch
    {
        JobStanding.Succeeded => (int)JobRunResult.Succeeded,
        JobStanding.Failed => (int)JobRunResult.Failed,
        JobStanding.Cancelled => (int)JobRunResult.Cancelled,
        JobStanding.Skipped => (int)JobRunResult.Skipped,
        _ => null,
    };

    private static JobHour With(JobHour soFar, SqliteDataReader row) => StandingOf(row.GetValue(1)) switch
    {
        JobStanding.Failed => soFar with { Failed = soFar.Failed + row.GetInt32(2) },
        JobStanding.Cancelled => soFar with { Cancelled = soFar.Cancelled + row.GetInt32(2) },
        _ => soFar with { Succeeded = soFar.Succeeded + row.GetInt32(2) },
    };

    private Task ReadAsync(string sql, Action<SqliteDataReader> eachRow, CancellationToken ct, params (string Name, object? Value)[] parameters) =>
        engine.ReadAsync(async connection =>
        {
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are made of constants of this file.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct)) eachRow(reader);
        }, ct);

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
