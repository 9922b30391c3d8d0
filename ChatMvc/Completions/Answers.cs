using ChatMvc.Billing;
using ChatMvc.Chats;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Rendering;
using ChatMvc.Data;
using ChatMvc.Jobs;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Completions;

/// <summary>An answer that this worker holds.</summary>
public sealed record Claim(Message Message, LiveAnswer Live);

/// <summary>
/// The life of an answer in <c>chat.db</c>: claimed, ended, put back, left. Each step is one transaction that checks the
/// state it starts from, so that a worker which lost its claim changes nothing.
/// </summary>
public sealed class Answers(ChatDb db, Allowance allowance, LiveRooms rooms, Bell bell, LimitSettings limits, Boot boot, TimeProvider time)
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Takes an answer for this worker and opens its live stream; null when it is not its turn, or was ended here instead: stopped meanwhile, or
    /// out of requests.
    /// </summary>
    public async Task<Claim?> ClaimAsync(long id, CancellationToken cancellation)
    {
        LiveAnswer? live = null;
        Message? message;
        try
        {
            message = await db.WriteAsync(async () =>
            {
                var now = time.GetUtcNow();
                var message = await db.Messages.Include(m => m.Chat).SingleOrDefaultAsync(m => m.Id == id, cancellation);
                if (message is null || !message.IsClaimable(now)) return null;
                // Held by a worker of this very process whose lease ran out in a long sleep: it goes on. One that put the
                // answer back may still be on its way out.
                if (message.State == MessageState.Streaming && rooms.Find(id) is not null) return null;
                if (message.Chat.DeletedAt is not null || message.StopRequestedAt is not null)
                {
                    await EndAsync(message, m => m.Stop(null, null, 0, now), giveBack: message.State == MessageState.Queued);
                    return message;
                }
                if (message.RequestsSpent >= Message.MaxRequests)
                {
                    await EndAsync(message, m => m.Fail(AnswerFailure.Interrupted, null, null, 0, now), giveBack: true);
                    return message;
                }
                if (!await IsItsTurnAsync(message, now)) return null;
                message.Chat.NextRevision();
                message.Claim(boot.Id, now, Lease);
                db.Completions.Add(new Completion(CompletionKind.Answer, message.ChatId, message.Id, message.AskedById,
                    message.Attempt, message.Payer!.Value, message.Model!, now));
                // Before the commit, so that nobody finds a streaming answer without its stream: a stop would end the
                // answer and not its worker, and a page would show it as left behind.
                live = rooms.Begin(message);
                return message;
            }, cancellation);
        }
        catch when (live is not null)
        {
            rooms.End(live);
            throw;
        }
        if (message is null) return null;
        var claim = live is null ? null : new Claim(message, live);
        rooms.Changed(message.ChatId);
        if (claim is null) await RingWaitingAsync(message, cancellation);
        else Steps.Reached(Steps.AnswerClaimed, id);
        return claim;
    }

    /// <summary>Ends, or puts back, what this worker claimed.</summary>
    public async Task FinishAsync(Claim claim, AnswerResult result)
    {
        var (claimed, text) = (claim.Message, claim.Live.Text);
        var html = text.Length > 0 ? SafeMarkdown.ToHtml(text) : "";
        var finished = await db.WriteAsync(async () =>
        {
            var now = time.GetUtcNow();
            db.ChangeTracker.Clear();
            var message = await db.Messages.Include(m => m.Chat).SingleOrDefaultAsync(m => m.Id == claimed.Id);
            // Claimed by another worker after our lease ran out, or deleted: what we have is not wanted any more.
            if (message is null || message.State != MessageState.Streaming || message.Attempt != claimed.Attempt) return false;
            var completion = await db.Completions.SingleAsync(c => c.MessageId == message.Id && c.Kind == CompletionKind.Answer && c.Attempt == message.Attempt);
            completion.Finish(result, now);
            switch (result)
            {
                case AnswerResult.Completed completed:
                    await EndAsync(message, m => m.Complete(text, html, SafeMarkdown.Version, completed.Reason, now), giveBack: false);
                    break;
                case AnswerResult.Stopped:
                    await EndAsync(message, m => m.Stop(text, html, SafeMarkdown.Version, now), giveBack: false);
                    break;
                case AnswerResult.Failed { RetryAfter: { } pause } when message.RequestsSpent < Message.MaxRequests && message.StopRequestedAt is null:
                    message.Chat.NextRevision();
                    message.TryAgainAt(now + pause);
                    break;
                case AnswerResult.Failed failed:
                    await EndAsync(message, m => m.Fail(failed.Failure, text, html, SafeMarkdown.Version, now), giveBack: true);
                    break;
                case AnswerResult.Interrupted:
                    if (claim.Live.TakeUnsaved() is { } last) db.MessageParts.Add(new MessagePart(message, last.Sequence, last.Text));
                    message.Interrupt();
                    break;
            }
            return true;
        });
        if (!finished || result is AnswerResult.Interrupted) return;
        var after = await db.Messages.AsNoTracking().SingleAsync(m => m.Id == claimed.Id);
        if (after.State == MessageState.Queued) await bell.RingAsync<AnswerJob>(after.Id, after.NotBefore);
        // Its place is free in both cases: what waits out a pause holds none.
        await RingWaitingAsync(after, CancellationToken.None);
        if (after.IsTerminal) Steps.Reached(Steps.AnswerFinished, after.Id);
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
            await EndAsync(message, m => m.Stop(null, null, 0, now), giveBack: message.State == MessageState.Queued);
            return (message, null);
        }, cancellation);
        if (message is null) return false;
        if (live is not null)
        {
            live.Stop();
            await Task.WhenAny(live.Ended, Task.Delay(StopPatience, cancellation));
            return true;
        }
        rooms.Changed(message.ChatId);
        await RingWaitingAsync(message, cancellation);
        return true;
    }

    /// <summary>How long the person who pressed stop is kept waiting for the page that shows it.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);

    // Answers of one branch run in order, and a person has only so many at once.
    private async Task<bool> IsItsTurnAsync(Message message, DateTimeOffset now)
    {
        var earlierIsRunning = await db.Messages.AnyAsync(question => question.Id == message.ParentId
            && (question.Parent!.State == MessageState.Queued || question.Parent.State == MessageState.Streaming));
        if (earlierIsRunning) return false;
        var running = await db.Messages.Unfinished().CountAsync(m => m.AskedById == message.AskedById && m.State == MessageState.Streaming
            && m.LeaseUntil > now && m.Id != message.Id);
        return running < limits.ConcurrentAnswers;
    }

    // With no text given, what the parts of the last attempt hold is kept.
    private async Task EndAsync(Message message, Action<Message> end, bool giveBack)
    {
        message.Chat.NextRevision();
        end(message);
        if (message.Text is "")
        {
            var parts = await PartialText.OfAsync(db, message.Id);
            if (parts.Length > 0) message.Keep(parts);
        }
        await db.MessageParts.Where(p => p.MessageId == message.Id).ExecuteDeleteAsync();
        if (giveBack) await allowance.GiveBackAsync(message.Id);
    }

    // Whoever waited for this branch or for this person's turn.
    private async Task RingWaitingAsync(Message ended, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var waiting = await db.Messages.Unfinished()
            .Where(m => m.AskedById == ended.AskedById && m.State == MessageState.Queued && (m.NotBefore == null || m.NotBefore <= now)
                && !(m.Parent!.Parent!.State == MessageState.Queued || m.Parent.Parent.State == MessageState.Streaming))
            .OrderBy(m => m.Id).Select(m => m.Id).Take(limits.ConcurrentAnswers).ToListAsync(cancellation);
        foreach (var id in waiting) await bell.RingAsync<AnswerJob>(id);
    }
}
