using Microsoft.Data.Sqlite;

namespace ChatMvc.Jobs;

/// <summary>
/// Reads Quartz's tables, whose own queries list by name and never by time. Times in them are UTC ticks. A job's trigger
/// is complete while it runs and gone afterwards; a recovering one has a group of its own, so a kind is the job's group.
/// </summary>
internal sealed class JobTables(JobEngine engine, TimeProvider time)
{
    private const string FiguresSql =
        """
        SELECT JOB_GROUP, 'running', COUNT(*), NULL FROM QRTZ_FIRED_TRIGGERS
        WHERE SCHED_NAME = 'jobs' AND STATE = 'EXECUTING' GROUP BY JOB_GROUP
        UNION ALL
        SELECT JOB_GROUP, CASE WHEN TRIGGER_STATE = 'ERROR' THEN 'dead' WHEN NEXT_FIRE_TIME > $now THEN 'scheduled' ELSE 'waiting' END AS STANDS, COUNT(*), MIN(NEXT_FIRE_TIME)
        FROM QRTZ_TRIGGERS WHERE SCHED_NAME = 'jobs' AND TRIGGER_STATE NOT IN ('COMPLETE', 'EXECUTING', 'DELETED') GROUP BY JOB_GROUP, STANDS
        """;

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

    private Task ReadAsync(string sql, Action<SqliteDataReader> eachRow, CancellationToken ct, params (string Name, object Value)[] parameters) =>
        engine.ReadAsync(async connection =>
        {
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are constants of this file.
            command.CommandText = sql;
#pragma warning restore CA2100
            foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct)) eachRow(reader);
        }, ct);

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
