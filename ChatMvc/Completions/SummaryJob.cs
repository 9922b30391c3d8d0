using System.Collections.Concurrent;
using System.Globalization;
using ChatMvc.Billing;
using ChatMvc.Chats;
using ChatMvc.Chats.Contexts;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Jobs;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Completions;

/// <summary>The rooms that a summary is being written for in this process: one at a time for each.</summary>
public sealed class SummariesUnderWay
{
    private readonly ConcurrentDictionary<long, bool> rooms = [];

    public bool Begin(long chatId) => rooms.TryAdd(chatId, true);

    public void End(long chatId) => rooms.TryRemove(chatId, out _);
}

/// <summary>
/// Summarises the older part of a branch after an answer, before the next prompt outgrows its budget, on the operator's
/// account. A fault leaves the history as it is: the next prompt goes without what does not fit, and the answer after it
/// tries once more.
/// </summary>
public sealed partial class SummaryJob(
    ChatDb db, AsideStream asides, ModelList models, PromptBuilder prompts, CompletionBooks books, Spending spending, SummariesUnderWay underWay,
    LiveRooms rooms, TimeProvider time, ILogger<SummaryJob> logger) : IJobHandler
{
    private const int MaxLength = 20_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    /// <summary>Requests that were lost longer ago stay booked at their most.</summary>
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromDays(1);

    public static string Kind => "summary";

    public async Task RunAsync(string id, CancellationToken stopping)
    {
        var answerId = long.Parse(id, CultureInfo.InvariantCulture);
        var answer = await db.Messages.AsNoTracking().Include(m => m.Chat).SingleOrDefaultAsync(m => m.Id == answerId, stopping);
        if (answer is not { IsTerminal: true, Chat: { DeletedAt: null, IsWithoutMemory: false } } || !underWay.Begin(answer.ChatId)) return;
        try
        {
            if (await PlanAsync(answer, stopping) is { } plan) await SummarizeAsync(answer, plan, stopping);
        }
        finally
        {
            underWay.End(answer.ChatId);
        }
        stopping.ThrowIfCancellationRequested();
    }

    private async Task<SummaryPlan?> PlanAsync(Message answer, CancellationToken stopping)
    {
        var model = answer.Chat.Model;
        var context = await ContextList.InForceAsync(db, answer.Chat.ContextId, stopping);
        var earlier = await Branch.SummaryUpwardsFrom(db, answer.Id, stopping);
        var turns = await Branch.TurnsUpwardsFrom(db, answer.Id, PromptBuilder.MaxTurns, earlier?.UpToId ?? 0, stopping);
        return SummaryPlan.Of(turns, earlier, prompts.Budget(model) - await prompts.SizeAsync(0, parentId: null, context, model, stopping));
    }

    private async Task SummarizeAsync(Message answer, SummaryPlan plan, CancellationToken stopping)
    {
        var prompt = await prompts.BuildSummaryAsync(await models.ForTitlesAsync(), plan.Earlier, plan.Turns, stopping);
        if (await BeginAsync(answer, plan, prompt, stopping) is not { } completion) return;
        var (text, result) = await asides.ReadAsync(prompt, MaxLength, Limit, stopping);
        if (result is AnswerResult.Failed { Failure: var failure }) LogFailed(logger, answer.ChatId, failure);
        await EndAsync(answer.ChatId, plan, completion, text, result);
    }

    // The request's row is the claim: one span is asked for at most twice, the second time after a crash. Whatever is
    // unfinished in this room was lost with its process, as only this one works on it.
    private Task<Completion?> BeginAsync(Message answer, SummaryPlan plan, Prompt prompt, CancellationToken cancellation) => db.WriteAsync<Completion?>(async () =>
    {
        var yesterday = time.GetUtcNow() - LongestAbsence;
        foreach (var lost in await db.Completions.Where(c => c.UserId == answer.AskedById && c.StartedAt > yesterday
            && c.Kind == CompletionKind.Summary && c.ChatId == answer.ChatId && c.FinishedAt == null).ToListAsync(cancellation))
            await books.EndAsync(db, lost, new AnswerResult.Interrupted { Tokens = TokenCounts.Estimate(prompt.LikelyTokens, 0) });
        var attempts = await db.Completions.Where(c => c.MessageId == plan.UpToId && c.Kind == CompletionKind.Summary).ToListAsync(cancellation);
        if (attempts.Count >= Message.MaxRequests || attempts.Exists(c => c.Outcome != Completion.Interrupted)) return null;
        if (await db.Summaries.AnyAsync(s => s.UpToId == plan.UpToId, cancellation)) return null;
        // A shorter memory is no loss worth going beyond a ceiling for.
        var most = books.MostFor(prompt.Model, prompt.Tokens, prompt.MaxAnswerTokens) ?? Usd.Zero;
        if (await spending.IsAboveCeilingAsync(db, answer.AskedById, most)) return null;
        var completion = new Completion(CompletionKind.Summary, answer.ChatId, plan.UpToId, answer.AskedById, attempts.Count + 1, Payer.Operator, prompt.Model, time.GetUtcNow());
        await books.BeginAsync(db, completion, prompt.Tokens, prompt.MaxAnswerTokens);
        return completion;
    }, cancellation);

    private async Task EndAsync(long chatId, SummaryPlan plan, Completion request, string text, AnswerResult result)
    {
        await db.WriteAsync(async () =>
        {
            db.ChangeTracker.Clear();
            var completion = await db.Completions.SingleAsync(c => c.Id == request.Id);
            await books.EndAsync(db, completion, result);
            if (result is AnswerResult.Completed && plan.Cut(text) is { Length: > 0 } summary) await StoreAsync(chatId, plan, summary);
        });
        rooms.Changed(chatId);
    }

    // Not when something of it was deleted or brought back while it was written.
    private async Task StoreAsync(long chatId, SummaryPlan plan, string text)
    {
        if (await db.Chats.SingleOrDefaultAsync(c => c.Id == chatId) is not { } chat) return;
        var earlier = await Branch.SummaryUpwardsFrom(db, plan.UpToId, CancellationToken.None);
        if (!plan.Holds(await Branch.TurnsUpwardsFrom(db, plan.UpToId, plan.MostTurns, earlier?.UpToId ?? 0, CancellationToken.None), earlier)) return;
        var upTo = await db.Messages.SingleAsync(m => m.Id == plan.UpToId);
        db.Summaries.Add(new Summary(upTo, text, PromptBuilder.SummaryTokens(text), time.GetUtcNow()));
        chat.NextRevision();
        // The questions that come after it show it.
        foreach (var next in await db.Messages.Where(m => m.ParentId == plan.UpToId).ToListAsync()) next.Touch(chat);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The history of chat {ChatId} was not summarised: {Failure}")]
    private static partial void LogFailed(ILogger logger, long chatId, AnswerFailure failure);
}
