using System.Globalization;
using ChatMvc.Chats;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Completions;

/// <summary>Asks the model for one answer: claims it, streams it, ends it.</summary>
public sealed partial class AnswerJob(
    ChatDb db, Answers answers, PromptBuilder prompts, AnswerStream stream, LiveRooms rooms, ModelList models, Bell bell, ILogger<AnswerJob> logger) : IJobHandler
{
    public static string Kind => "answer";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var messageId = long.Parse(id, CultureInfo.InvariantCulture);
        if (await answers.ClaimAsync(messageId, stopping) is not { } claim)
        {
            // Perhaps the run that ended it died before it could ring for the title.
            await RingForTitleAsync(messageId);
            return;
        }
        var (message, _, live) = claim;
        Message? finished = null;
        Prompt? prompt = null;
        AnswerResult result = new AnswerResult.Failed(AnswerFailure.Internal);
        try
        {
            prompt = await prompts.BuildAsync(message, stopping);
            result = await stream.ReadAsync(live, prompt, prompt.IdentifiesPerson ? await SafetyKeyAsync(message.AskedById, stopping) : null, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            result = new AnswerResult.Interrupted();
        }
        finally
        {
            try
            {
                finished = await answers.FinishAsync(claim, result);
            }
            finally
            {
                // Also when the end could not be stored: the lease runs out, and the sweep takes it up again.
                rooms.End(live);
            }
        }
        if (result is AnswerResult.Failed { Failure: AnswerFailure.ModelMissing }) models.Outdated();
        Report(message, result);
        if (finished is { State: MessageState.Done, Chat.TitleSource: TitleSource.Question }) await RingForTitleAsync(messageId);
        if (prompt is not null && finished is { IsTerminal: true } && SummaryPlan.MayBeDue(prompt, finished, prompts.Budget(message.Chat.Model))) await bell.RingAsync<SummaryJob>(messageId);
        stopping.ThrowIfCancellationRequested();
    }

    /// <summary>As if the person had stopped it: what was written stays, and is paid for.</summary>
    public async Task GiveUpAsync(string id, CancellationToken cancellation)
    {
        if (long.TryParse(id, CultureInfo.InvariantCulture, out var messageId) && await db.Messages.AnyAsync(m => m.Id == messageId, cancellation))
            await answers.StopAsync(messageId, cancellation);
    }

    private Task<string> SafetyKeyAsync(long userId, CancellationToken stopping) =>
        db.Users.Where(u => u.Id == userId).Select(u => u.SafetyKey).SingleAsync(stopping);

    // A title that was asked for already has a row, and a job of its own that outlives the process.
    private async Task RingForTitleAsync(long answerId)
    {
        if (await db.Messages.AnyAsync(m => m.Id == answerId && m.State == MessageState.Done && m.Chat.TitleSource == TitleSource.Question
            && !db.Completions.Any(c => c.MessageId == answerId && c.Kind == CompletionKind.Title)))
            await bell.RingAsync<TitleJob>(answerId);
    }

    private void Report(Message message, AnswerResult result)
    {
        LogEnded(logger, message.Id, message.Attempt, result.GetType().Name, result.RequestId);
        if (result is AnswerResult.Failed failed) LogFailed(logger, message.Id, message.Attempt, failed.Failure, result.RequestId);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Request {Attempt} for answer {MessageId} ended: {Outcome} (upstream request {UpstreamRequestId})")]
    private static partial void LogEnded(ILogger logger, long messageId, int attempt, string outcome, string? upstreamRequestId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Answer {MessageId} failed at request {Attempt}: {Failure} (upstream request {RequestId})")]
    private static partial void LogFailed(ILogger logger, long messageId, int attempt, AnswerFailure failure, string? requestId);
}
