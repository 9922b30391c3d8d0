using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Chats;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Rendering;
using ChatMvc.Data;
using ChatMvc.Jobs;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Completions;

/// <summary>An answer that this worker holds.</summary>
/// <param name="Message">As it was when it was claimed.</param>
/// <param name="Request">The row of the request it is about to make.</param>
/// <param name="Live">Its stream.</param>
public sealed record Claim(Message Message, Completion Request, LiveAnswer Live);

/// <summary>
/// The life of an answer in <c>chat.db</c>: claimed, ended, put back, left. Each step is one transaction that checks the
/// state it starts from, so that a worker which lost its claim changes nothing.
/// </summary>
public sealed class Answers(
    ChatDb db, CompletionBooks books, Allowance allowance, CreditLedger ledger, Spending spending, LiveRooms rooms, Bell bell,
    Meters meters, LimitSettings limits, CreditSettings credit, Boot boot, TimeProvider time)
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private static readonly Func<ChatDb, long, CancellationToken, Task<Message?>> ById =
        EF.CompileAsyncQuery((ChatDb db, long id, CancellationToken _) => db.Messages.Include(m => m.Chat).SingleOrDefault(m => m.Id == id));
    private static readonly Func<ChatDb, long, CancellationToken, Task<bool>> EarlierIsRunning =
        EF.CompileAsyncQuery((ChatDb db, long questionId, CancellationToken _) => db.Messages.Any(question => question.Id == questionId
            && (question.Parent!.State == MessageState.Queued || question.Parent.State == MessageState.Streaming)));
    private static readonly Func<ChatDb, long, long, DateTimeOffset, CancellationToken, Task<int>> RunningBeside =
        EF.CompileAsyncQuery((ChatDb db, long userId, long besideId, DateTimeOffset now, CancellationToken _) => db.Messages
            .Count(m => (m.State == MessageState.Queued || m.State == MessageState.Streaming) && m.AskedById == userId
                && m.State == MessageState.Streaming && m.LeaseUntil > now && m.Id != besideId));
    private static readonly Func<ChatDb, long, DateTimeOffset, int, IAsyncEnumerable<long>> Waiting =
        EF.CompileAsyncQuery((ChatDb db, long userId, DateTimeOffset now, int most) => db.Messages
            .Where(m => (m.State == MessageState.Queued || m.State == MessageState.Streaming) && m.AskedById == userId
                && m.State == MessageState.Queued && (m.NotBefore == null || m.NotBefore <= now)
                && !(m.Parent!.Parent!.State == MessageState.Queued || m.Parent.Parent.State == MessageState.Streaming))
            .OrderBy(m => m.Id).Select(m => m.Id).Take(most));

    /// <summary>
    /// Takes an answer for this worker and opens its live stream; null when it is not its turn, or was ended here instead: stopped meanwhile, or
    /// out of requests.
    /// </summary>
    public async Task<Claim?> ClaimAsync(long id, CancellationToken cancellation)
    {
        LiveAnswer? live = null;
        Completion? request = null;
        Message? message;
        try
        {
            message = await db.WriteAsync(async () =>
            {
                var now = time.GetUtcNow();
                var message = await ById(db, id, cancellation);
                if (message is null || !message.IsClaimable(now)) return null;
                // Held by a worker of this very process whose lease ran out in a long sleep: it goes on. One that put the
                // answer back may still be on its way out.
                if (message.State == MessageState.Streaming && rooms.Find(id) is not null) return null;
                if (message.Chat.DeletedAt is not null || message.StopRequestedAt is not null)
                {
                    await EndAsync(message, m => m.Stop(null, null, 0, now), paid: await books.EndLostAsync(db, message));
                    return message;
                }
                if (message.RequestsSpent >= Message.MaxRequests)
                {
                    await books.EndLostAsync(db, message);
                    await EndAsync(message, m => m.Fail(AnswerFailure.Interrupted, null, null, 0, now), paid: null);
                    return message;
                }
                if (!await IsItsTurnAsync(message, now, cancellation)) return null;
                if (message.Attempt > 0)
                {
                    await books.EndLostAsync(db, message);
                    if (await IsAboveCeilingAsync(message))
                    {
                        await EndAsync(message, m => m.Fail(AnswerFailure.CeilingReached, null, null, 0, now), paid: null);
                        return message;
                    }
                }
                message.Chat.NextRevision();
                message.Claim(boot.Id, now, Lease);
                request = new Completion(CompletionKind.Answer, message.ChatId, message.Id, message.AskedById,
                    message.Attempt, message.Payer!.Value, message.Model!, now);
                await books.BeginAsync(db, request, message.MaxPromptTokens ?? 0, message.MaxAnswerTokens ?? 0);
                // Before the commit, so that nobody finds a streaming answer without its stream: a stop would end the
                // answer and not its worker, and a page would show it as left behind.
                live = rooms.Begin(message, await PartialText.BeforeAsync(db, message));
                return message;
            }, cancellation);
        }
        catch when (live is not null)
        {
            rooms.End(live);
            throw;
        }
        if (message is null) return null;
        var claim = live is null ? null : new Claim(message, request!, live);
        rooms.Changed(message.ChatId);
        if (claim is null)
        {
            Count(message);
            await RingWaitingAsync(message, cancellation);
        }
        else Steps.Reached(Steps.AnswerClaimed, id);
        return claim;
    }

    /// <summary>Ends, or puts back, what this worker claimed; returns the message as it is then, null when the claim was lost.</summary>
    public async Task<Message?> FinishAsync(Claim claim, AnswerResult result)
    {
        var (claimed, text) = (claim.Message, claim.Live.Text);
        var html = text.Length > 0 ? SafeMarkdown.ToHtml(text) : "";
        var finished = await db.WriteAsync(async () =>
        {
            var now = time.GetUtcNow();
            db.ChangeTracker.Clear();
            db.Attach(claim.Request);
            var message = await ById(db, claimed.Id, CancellationToken.None);
            // Claimed by another worker after our lease ran out, or deleted: what we have is not wanted any more.
            if (message is null || message.State != MessageState.Streaming || message.Attempt != claimed.Attempt) return null;
            await books.EndAsync(db, claim.Request, result);
            switch (result)
            {
                case AnswerResult.Completed completed:
                    await EndAsync(message, m => m.Complete(text, html, SafeMarkdown.Version, completed.Reason, now), paid: claim.Request);
                    break;
                case AnswerResult.Stopped:
                    await EndAsync(message, m => m.Stop(text, html, SafeMarkdown.Version, now), paid: claim.Request);
                    break;
                case AnswerResult.Failed { RetryAfter: { } pause } when message.RequestsSpent < Message.MaxRequests && message.StopRequestedAt is null:
                    message.Chat.NextRevision();
                    message.TryAgainAt(now + pause);
                    break;
                case AnswerResult.Failed failed:
                    await EndAsync(message, m => m.Fail(failed.Failure, text, html, SafeMarkdown.Version, now), paid: null);
                    break;
                case AnswerResult.Interrupted:
                    if (claim.Live.TakeUnsaved() is { } last) db.MessageParts.Add(new MessagePart(message, last.Sequence, last.Text));
                    message.Interrupt();
                    break;
            }
            return message;
        });
        if (finished is null || result is AnswerResult.Interrupted) return finished;
        Count(finished);
        if (finished.State == MessageState.Queued) await bell.RingAsync<AnswerJob>(finished.Id, finished.NotBefore);
        // Its place is free in both cases: what waits out a pause holds none.
        await RingWaitingAsync(finished, CancellationToken.None);
        if (finished.IsTerminal) Steps.Reached(Steps.AnswerFinished, finished.Id);
        return finished;
    }

    /// <summary>
    /// Ends an answer that a person does not want any more: at once while it waits, by telling its worker while it is
    /// written. False when it had ended already.
    /// </summary>
    public async Task<bool> StopAsync(long id, CancellationToken cancellation)
    {
        var (message, live) = await db.WriteAsync<(Message?, LiveAnswer?)>(async () =>
        {
            var now = time.GetUtcNow();
            var message = await db.Messages.Include(m => m.Chat).SingleAsync(m => m.Id == id, cancellation);
            if (message.IsTerminal) return (null, null);
            var live = rooms.Find(id);
            if (message.State == MessageState.Streaming && live is not null)
            {
                message.RequestStop(now);
                return (message, live);
            }
            await EndAsync(message, m => m.Stop(null, null, 0, now), paid: await books.EndLostAsync(db, message));
            return (message, null);
        }, cancellation);
        if (message is null) return false;
        if (live is not null)
        {
            live.Stop();
            await Task.WhenAny(live.Ended, Task.Delay(StopPatience, cancellation));
            return true;
        }
        Count(message);
        rooms.Changed(message.ChatId);
        await RingWaitingAsync(message, cancellation);
        return true;
    }

    /// <summary>How long the person who pressed stop is kept waiting for the page that shows it.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);

    // Answers of one branch run in order, and a person has only so many at once.
    private async Task<bool> IsItsTurnAsync(Message message, DateTimeOffset now, CancellationToken cancellation) =>
        !await EarlierIsRunning(db, message.ParentId!.Value, cancellation)
        && await RunningBeside(db, message.AskedById, message.Id, now, cancellation) < limits.ConcurrentAnswers;

    // A repetition costs a second time, which nobody had reserved.
    // One that waits is among today's promises; one that a dead worker left behind is not.
    private Task<bool> IsAboveCeilingAsync(Message message) =>
        spending.IsAboveCeilingAsync(db, message.AskedById, message.State == MessageState.Queued ? Usd.Zero : new Usd(message.ReservedMicros));

    // With no text given, what the parts of the last attempt hold is kept. What nobody has to pay for is given back.
    private async Task EndAsync(Message message, Action<Message> end, Completion? paid)
    {
        message.Chat.NextRevision();
        end(message);
        if (message.Text is "")
        {
            var kept = await PartialText.BeforeAsync(db, message) + await PartialText.OfAsync(db, message.Id);
            if (kept.Length > 0) message.Keep(kept);
        }
        await db.Database.ExecuteSqlAsync($"""DELETE FROM "MessageParts" WHERE "MessageId" = {message.Id}""");
        await (paid is null ? GiveBackAsync(message) : PayAsync(message, paid));
        if (message.State != MessageState.Failed) return;
        // It does not count among the branches any more.
        await db.SaveChangesAsync();
        await Siblings.TouchShownAsync(db, message.Chat, message, CancellationToken.None);
    }

    private async Task PayAsync(Message message, Completion paid)
    {
        paid.PayBy(message.Payer!.Value);
        if (message.Payer == Payer.Credit && await ledger.SettleAsync(db, message.Id, paid.PriceWith(credit.Markup)) is { } charged) paid.Charge(charged);
        message.Chat.AddCost(paid);
    }

    private async Task GiveBackAsync(Message message)
    {
        if (message.Payer == Payer.Allowance) await allowance.GiveBackAsync(db, message.Id);
        if (message.Payer == Payer.Credit) await ledger.ReleaseAsync(db, message.Id);
    }

    // Each that ends once, after its commit.
    private void Count(Message ended)
    {
        if (ended.IsTerminal) meters.AnswerEnded(ended.State.ToString().ToLowerInvariant(), ended.Model, ended.Failure?.ToString());
    }

    // Whoever waited for this branch or for this person's turn.
    private async Task RingWaitingAsync(Message ended, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var id in await Waiting(db, ended.AskedById, now, limits.ConcurrentAnswers).ToListAsync(cancellation)) await bell.RingAsync<AnswerJob>(id);
    }
}
