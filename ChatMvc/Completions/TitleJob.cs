using System.Globalization;
using ChatMvc.Billing;
using ChatMvc.Chats;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Completions;

/// <summary>Names a chat after its first answer, on the operator's account. A fault leaves the name it has.</summary>
public sealed partial class TitleJob(
    ChatDb db, AsideStream asides, ModelList models, PromptBuilder prompts, CompletionBooks books, Spending spending, LiveRooms rooms, TimeProvider time, ILogger<TitleJob> logger) : IJobHandler
{
    private const int MaxLength = 400;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static string Kind => "title";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var model = await models.ForTitlesAsync();
        if (await BeginAsync(long.Parse(id, CultureInfo.InvariantCulture), model, stopping) is not { } begun) return;
        var (answer, completion) = begun;
        var prompt = prompts.BuildTitle(model, answer.Parent!.Text!, answer.Text!);
        var (title, result) = await asides.ReadAsync(prompt, MaxLength, Limit, stopping);
        if (result is AnswerResult.Failed { Failure: var failure }) LogFailed(logger, answer.ChatId, failure);
        await EndAsync(answer.ChatId, completion.Id, title, result);
        stopping.ThrowIfCancellationRequested();
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
            // A chat without a title is no loss worth going beyond a ceiling for.
            var most = books.MostFor(model, PromptBuilder.MaxTitlePrompt, PromptBuilder.MaxTitleTokens) ?? Usd.Zero;
            if (await spending.IsAboveCeilingAsync(db, answer.AskedById, most)) return null;
            var completion = new Completion(CompletionKind.Title, answer.ChatId, answerId, answer.AskedById, earlier.Count + 1, Payer.Operator, model, time.GetUtcNow());
            await books.BeginAsync(db, completion, PromptBuilder.MaxTitlePrompt, PromptBuilder.MaxTitleTokens);
            return (answer, completion);
        }, cancellation);

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
