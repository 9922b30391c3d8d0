using System.Globalization;
using System.Text;
using ChatMvc.Billing;
using ChatMvc.Chats;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;
using OpenAI.Chat;

namespace ChatMvc.Completions;

/// <summary>Names a chat after its first answer, on the operator's account. A fault leaves the name it has.</summary>
public sealed partial class TitleJob(
    ChatDb db, ModelClient client, ModelList models, PromptBuilder prompts, CompletionBooks books, Spending spending, LiveRooms rooms, TimeProvider time, ILogger<TitleJob> logger) : IJobHandler
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
        ChatTokenUsage? usage = null;
        var prompt = prompts.BuildTitle(model, answer.Parent!.Text!, answer.Text!);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            limit.CancelAfter(Limit);
            result = new AnswerResult.Completed("stop");
            await foreach (var update in client.StreamAsync(prompt, safetyKey: null, call, limit.Token).WithCancellation(limit.Token))
            {
                foreach (var part in update.ContentUpdate) title.Append(part.Text);
                usage = update.Usage ?? usage;
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
        await EndAsync(answer.ChatId, completion.Id, title.ToString(), result with { Tokens = Count(), RequestId = call.RequestId });
        stopping.ThrowIfCancellationRequested();

        TokenCounts Count() => usage is not null ? TokenCounts.Of(usage)
            : call.WasRefused || result is AnswerResult.Failed { Failure: AnswerFailure.Unreachable } ? TokenCounts.None
            : TokenCounts.Estimate(prompt.LikelyTokens, TokenEstimate.Likely(title.ToString()));
    }

    // The request's row is the claim: a title is asked for at most twice, the second time after a crash.
    private Task<(Message Answer, Completion Completion)?> BeginAsync(long answerId, string model, CancellationToken cancellation) =>
        db.WriteAsync<(Message, Completion)?>(async () =>
        {
            var answer = await db.Messages.Include(m => m.Chat).Include(m => m.Parent).SingleOrDefaultAsync(m => m.Id == answerId, cancellation);
            if (answer is not { State: MessageState.Done, Chat: { TitleSource: TitleSource.Question, DeletedAt: null } }) return null;
            var earlier = await db.Completions.Where(c => c.MessageId == answerId && c.Kind == CompletionKind.Title).ToListAsync(cancellation);
            if (earlier.Count >= Message.MaxRequests || earlier.Any(c => c.FinishedAt is not null && c.Outcome != Completion.Interrupted)) return null;
            foreach (var lost in earlier) await books.EndAsync(db, lost, new AnswerResult.Interrupted { Tokens = Lost });
            if (await IsAboveCeilingAsync(answer.AskedById, model)) return null;
            var completion = new Completion(CompletionKind.Title, answer.ChatId, answerId, answer.AskedById, earlier.Count + 1, Payer.Operator, model, time.GetUtcNow());
            await books.BeginAsync(db, completion, PromptBuilder.MaxTitlePrompt, PromptBuilder.MaxTitleTokens);
            return (answer, completion);
        }, cancellation);

    // A chat without a title is no loss worth going beyond a ceiling for.
    private async Task<bool> IsAboveCeilingAsync(long userId, string model)
    {
        var today = await spending.TodayAsync(db, userId);
        var most = books.MostFor(model, PromptBuilder.MaxTitlePrompt, PromptBuilder.MaxTitleTokens) ?? Usd.Zero;
        return today.Person + most > spending.PersonCeiling || today.Server + most > spending.ServerCeiling;
    }

    private static readonly TokenCounts Lost = TokenCounts.Estimate(PromptBuilder.MaxTitlePrompt / 2, PromptBuilder.MaxTitleTokens / 4);

    private async Task EndAsync(long chatId, long completionId, string title, AnswerResult result)
    {
        await db.WriteAsync(async () =>
        {
            db.ChangeTracker.Clear();
            var completion = await db.Completions.SingleAsync(c => c.Id == completionId);
            var chat = await db.Chats.SingleOrDefaultAsync(c => c.Id == chatId);
            await books.EndAsync(db, completion, result);
            if (result is AnswerResult.Completed) chat?.Suggest(title);
        });
        rooms.Changed(chatId);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Chat {ChatId} got no title: {Failure}")]
    private static partial void LogFailed(ILogger logger, long chatId, AnswerFailure failure);
}
