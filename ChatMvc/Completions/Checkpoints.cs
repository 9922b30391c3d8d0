using ChatMvc.Chats;
using ChatMvc.Completions.Live;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Completions;

/// <summary>
/// Stores the text of all running answers every 250 ms in one transaction and renews their leases: what a crash may cost
/// is a quarter of a second of text, and no answer costs a write of its own.
/// </summary>
public sealed partial class Checkpoints(IDbContextFactory<ChatDb> databases, WriteGate gate, LiveRooms rooms, Boot boot, TimeProvider time, ILogger<Checkpoints> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(5);
    private DateTimeOffset renewAt = DateTimeOffset.MinValue;

    /// <summary>Leases of earlier runs are dead; their answers are taken up by the sweep at once.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Beside the others that start: this is the first that EF is asked.
        await Task.Yield();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.WriteAsync(() => db.Messages.Unfinished().Where(m => m.LeaseOwner != null && m.LeaseOwner != boot.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.LeaseOwner, (string?)null).SetProperty(m => m.LeaseUntil, (DateTimeOffset?)null), cancellationToken), cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (rooms.Running.Count == 0) continue;
                try
                {
                    await SaveAsync(stoppingToken);
                }
                // A full disk must not end the host; the texts are stored with the next one that succeeds, or at the end.
                catch (SqliteException e)
                {
                    LogFailed(logger, e.SqliteErrorCode);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
    }

    private async Task SaveAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        using var turn = await gate.EnterAsync(cancellation);
        await db.Database.OpenConnectionAsync(cancellation);
        var connection = (SqliteConnection)db.Database.GetDbConnection();
        await using var transaction = connection.BeginTransaction();
        Append(connection, transaction);
        Renew(connection, transaction);
        await transaction.CommitAsync(cancellation);
    }

    private void Append(SqliteConnection connection, SqliteTransaction transaction)
    {
        using var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = """
            INSERT INTO MessageParts (MessageId, Attempt, Sequence, Text)
            SELECT $id, $attempt, $sequence, $text
            WHERE EXISTS (SELECT 1 FROM Messages WHERE Id = $id AND Attempt = $attempt AND State = 'Streaming')
            """;
        var (id, attempt, sequence, text) = (insert.Parameters.Add("$id", SqliteType.Integer), insert.Parameters.Add("$attempt", SqliteType.Integer),
            insert.Parameters.Add("$sequence", SqliteType.Integer), insert.Parameters.Add("$text", SqliteType.Text));
        insert.Prepare();
        foreach (var answer in rooms.Running)
        {
            if (answer.TakeUnsaved() is not { } piece) continue;
            (id.Value, attempt.Value, sequence.Value, text.Value) = (answer.MessageId, answer.Attempt, piece.Sequence, piece.Text);
            insert.ExecuteNonQuery();
        }
    }

    private void Renew(SqliteConnection connection, SqliteTransaction transaction)
    {
        var now = time.GetUtcNow();
        if (now < renewAt) return;
        using var renew = connection.CreateCommand();
        renew.Transaction = transaction;
        renew.CommandText = "UPDATE Messages SET LeaseUntil = $until WHERE Id = $id AND Attempt = $attempt AND State = 'Streaming'";
        renew.Parameters.AddWithValue("$until", (now + Answers.Lease).ToUnixTimeMilliseconds());
        var (id, attempt) = (renew.Parameters.Add("$id", SqliteType.Integer), renew.Parameters.Add("$attempt", SqliteType.Integer));
        renew.Prepare();
        // Only what this process still works on: a worker that died lets its lease run out.
        foreach (var answer in rooms.Running)
        {
            (id.Value, attempt.Value) = (answer.MessageId, answer.Attempt);
            renew.ExecuteNonQuery();
        }
        renewAt = now + RenewEvery;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Running answers could not be stored (SQLite error {Code}); trying again")]
    private static partial void LogFailed(ILogger logger, int code);
}
