using System.Globalization;
using System.Text;
using ChatMvc.Chats;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Completions;

/// <summary>Names a chat after its first answer, on the operator's account. A fault leaves the name it has.</summary>
public sealed partial class TitleJob(
    ChatDb db, ModelClient client, ModelList models, PromptBuilder prompts, LiveRooms rooms, TimeProvider time, ILogger<TitleJob> logger) : IJobHandler
{
    private const int MaxLength = 400;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static string Kind => "title";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var model = await models.ForTitlesAsync();
        if (await BeginAsync(long.Parse(id, CultureInfo.InvariantCulture), model, stopping) is not { } begun) return;
        var (answer, completion) = begun;
        AnswerResult result;
        var title = new StringBuilder();
        var call = new UpstreamCall();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            limit.CancelAfter(Limit);
            result = new AnswerResult.Completed("stop");
            var prompt = prompts.BuildTitle(model, answer.Parent!.Text!, answer.Text!);
            await foreach (var update in client.StreamAsync(prompt, safetyKey: null, call, limit.Token).WithCancellation(limit.Token))
            {
                foreach (var part in update.ContentUpdate) title.Append(part.Text);
                if (update.Usage is { } usage) result = result with { Usage = usage };
                if (title.Length > MaxLength) break;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            result = new AnswerResult.Interrupted();
        }
        catch (Exception e)
        {
            var failure = e is OperationCanceledException ? AnswerFailure.Silent : UpstreamFault.Of(e, hadText: false).Failure;
            LogFailed(logger, answer.ChatId, failure);
            result = new AnswerResult.Failed(failure);
        }
        await EndAsync(answer.ChatId, completion.Id, title.ToString(), result with { RequestId = call.RequestId });
        stopping.ThrowIfCancellationRequested();
    }

    // The request's row is the claim: a title is asked for at most twice, the second time after a crash.
    private Task<(Message Answer, Completion Completion)?> BeginAsync(long answerId, string model, CancellationToken cancellation) =>
        db.WriteAsync<(Message, Completion)?>(async () =>
        {
            var answer = await db.Messages.Include(m => m.Chat).Include(m => m.Parent).SingleOrDefaultAsync(m => m.Id == answerId, cancellation);
            if (answer is not { State: MessageState.Done, Chat: { TitleSource: TitleSource.Question, DeletedAt: null } }) return null;
            var earlier = await db.Completions.Where(c => c.MessageId == answerId && c.Kind == CompletionKind.Title).ToListAsync(cancellation);
            if (earlier.Count >= Message.MaxRequests || earlier.Any(c => c.FinishedAt is not null)) return null;
            var completion = new Completion(CompletionKind.Title, answer.ChatId, answerId, answer.AskedById, earlier.Count + 1, Payer.Operator, model, time.GetUtcNow());
            db.Completions.Add(completion);
            return (answer, completion);
        }, cancellation);

    private async Task EndAsync(long chatId, long completionId, string title, AnswerResult result)
    {
        await db.WriteAsync(async () =>
        {
            db.ChangeTracker.Clear();
            var completion = await db.Completions.SingleAsync(c => c.Id == completionId);
            var chat = await db.Chats.SingleOrDefaultAsync(c => c.Id == chatId);
            if (result is not AnswerResult.Interrupted) completion.Finish(result, time.GetUtcNow());
            if (result is AnswerResult.Completed) chat?.Suggest(title);
        });
        rooms.Changed(chatId);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Chat {ChatId} got no title: {Failure}")]
    private static partial void LogFailed(ILogger logger, long chatId, AnswerFailure failure);
}
