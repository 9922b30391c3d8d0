using System.Collections.Concurrent;
using ChatMvc.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats.List;

/// <summary>
/// How far people have read. Noted in memory where a page is shown, and stored once a second in one transaction for all:
/// reading never waits for a write. What a crash loses is a mark, seen once more.
/// </summary>
public sealed partial class ReadMarks(IDbContextFactory<ChatDb> databases, WriteGate gate, ILogger<ReadMarks> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    /// <summary>Beyond this nothing is noted until some are stored.</summary>
    private const int MaxWaiting = 10_000;
    /// <summary>Stored in one transaction, so that no send waits long.</summary>
    private const int MaxAtOnce = 500;

    private readonly ConcurrentDictionary<(long Chat, long User), long> waiting = [];

    /// <summary>This person has seen the room up to this revision.</summary>
    public void Note(long chat, long user, long revision)
    {
        if (waiting.Count < MaxWaiting) waiting.AddOrUpdate((chat, user), revision, (_, known) => Math.Max(known, revision));
    }

    /// <summary>How far this person has read, with what is not stored yet.</summary>
    public long Of(long chat, long user, long stored) => Math.Max(stored, waiting.GetValueOrDefault((chat, user)));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await StoreAsync();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
        await StoreAsync();
    }

    private async Task StoreAsync()
    {
        try
        {
            foreach (var some in waiting.ToArray().Chunk(MaxAtOnce)) await StoreAsync(some);
        }
        // A full disk must not end the host; the marks wait for the next time.
        catch (SqliteException e)
        {
            LogFailed(logger, e.SqliteErrorCode);
        }
    }

    private async Task StoreAsync(KeyValuePair<(long Chat, long User), long>[] marks)
    {
        await using var db = await databases.CreateDbContextAsync();
        using (await gate.EnterAsync(CancellationToken.None))
        {
            await db.Database.OpenConnectionAsync();
            var connection = (SqliteConnection)db.Database.GetDbConnection();
            await using var transaction = connection.BeginTransaction();
            await using var update = connection.CreateCommand();
            update.Transaction = transaction;
            update.CommandText = "UPDATE ChatMembers SET ReadRevision = $revision WHERE ChatId = $chat AND UserId = $user AND ReadRevision < $revision";
            var (chat, user, revision) = (update.Parameters.Add("$chat", SqliteType.Integer), update.Parameters.Add("$user", SqliteType.Integer), update.Parameters.Add("$revision", SqliteType.Integer));
            update.Prepare();
            foreach (var mark in marks)
            {
                (chat.Value, user.Value, revision.Value) = (mark.Key.Chat, mark.Key.User, mark.Value);
                await update.ExecuteNonQueryAsync();
            }
            await transaction.CommitAsync();
        }
        // One that was noted anew meanwhile stays.
        foreach (var mark in marks) waiting.TryRemove(mark);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What was read could not be stored (SQLite error {Code}); trying again")]
    private static partial void LogFailed(ILogger logger, int code);
}
