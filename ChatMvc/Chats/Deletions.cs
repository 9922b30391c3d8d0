using ChatMvc.Accounts;
using ChatMvc.Completions;
using ChatMvc.Completions.Live;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>A message that was deleted.</summary>
/// <param name="ChatKey">The room's key.</param>
/// <param name="MessageId">Its id.</param>
/// <param name="FormerHead">What the head was, where it had to move.</param>
public sealed record GoneMessage(string ChatKey, long MessageId, long? FormerHead)
{
    public string RoomUrl => $"/chats/{ChatKey}?gone={MessageId}{(FormerHead is { } head ? $"&head={head}" : "")}";
    public string UndoUrl => $"/chats/{ChatKey}/messages/{MessageId}/restore";
}

/// <summary>
/// Takes single messages out of a room and brings them back. The rows stay, and so does what hangs under them: branches are
/// shown and sent without what was deleted.
/// </summary>
public sealed class Deletions(ChatDb db, Answers answers, LiveRooms rooms, TimeProvider time)
{
    /// <summary>Null when there is no such message for this person.</summary>
    public async Task<GoneMessage?> DeleteAsync(User me, string chatKey, long messageId, CancellationToken cancellation)
    {
        var running = await db.Messages.Unfinished()
            .Where(m => (m.Id == messageId || m.ParentId == messageId) && db.Chats.VisibleTo(me.Id).Any(c => c.Key == chatKey && c.Id == m.ChatId))
            .Select(m => m.Id).ToListAsync(cancellation);
        foreach (var answer in running) await answers.StopAsync(answer, cancellation);
        db.ChangeTracker.Clear();
        var gone = await db.WriteAsync(async () =>
        {
            if (await FindAsync(me, chatKey, messageId, cancellation) is not ({ } chat, { DeletedAt: null } message)) return null;
            chat.NextRevision();
            await Siblings.TouchShownAsync(db, chat, message, cancellation);
            message.Delete(chat, time.GetUtcNow());
            await ForgetSummariesAsync(chat, messageId, cancellation);
            await db.SaveChangesAsync(cancellation);
            var former = chat.HeadId;
            if (await EndAsync(chat, cancellation) is var end && end != former) await MoveAsync(chat, end, cancellation);
            await Siblings.TouchShownAsync(db, chat, message, cancellation);
            return new GoneMessage(chatKey, messageId, chat.HeadId == former ? null : former);
        }, cancellation);
        if (gone is not null) await TellAsync(me, chatKey, cancellation);
        return gone;
    }

    /// <summary>Whether the message stands on the shown branch; null when there is none to bring back.</summary>
    /// <param name="me">Who asks.</param>
    /// <param name="chatKey">Where.</param>
    /// <param name="messageId">Which.</param>
    /// <param name="formerHead">Where the shown branch ended before the message was deleted, if that moved it.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<bool?> RestoreAsync(User me, string chatKey, long messageId, long? formerHead, CancellationToken cancellation)
    {
        var isShown = await db.WriteAsync<bool?>(async () =>
        {
            if (await FindAsync(me, chatKey, messageId, cancellation) is not ({ } chat, { } message)) return null;
            if (message.DeletedAt is not null)
            {
                chat.NextRevision();
                await Siblings.TouchShownAsync(db, chat, message, cancellation);
                message.Restore(chat);
                await ForgetSummariesAsync(chat, messageId, cancellation);
                await db.SaveChangesAsync(cancellation);
                if (await FormerEndAsync(chat, message, formerHead, cancellation) is { } end && end != chat.HeadId) await MoveAsync(chat, end, cancellation);
                await Siblings.TouchShownAsync(db, chat, message, cancellation);
            }
            return (await Branch.IdsDownTo(db, chat.HeadId!.Value, messageId, cancellation)).Contains(messageId);
        }, cancellation);
        if (isShown is not null) await TellAsync(me, chatKey, cancellation);
        return isShown;
    }

    private async Task<(Chat?, Message?)> FindAsync(User me, string chatKey, long messageId, CancellationToken cancellation)
    {
        if (await db.FindChatAsync(me.Id, chatKey, cancellation) is not { } chat) return (null, null);
        return (chat, await db.Messages.SingleOrDefaultAsync(m => m.Id == messageId && m.ChatId == chat.Id, cancellation));
    }

    // What was told in short with the message, or without it, is not so any more; the questions that show it show it no longer.
    private async Task ForgetSummariesAsync(Chat chat, long messageId, CancellationToken cancellation)
    {
        var ends = await db.Summaries.Where(s => s.ChatId == chat.Id && s.UpToId >= messageId).Select(s => s.UpToId).ToListAsync(cancellation);
        if (ends.Count == 0) return;
        await db.Messages.Where(m => m.ParentId != null && ends.Contains(m.ParentId.Value)).ExecuteUpdateAsync(set => set.SetProperty(m => m.Revision, chat.Revision), cancellation);
        await db.Summaries.Where(s => s.ChatId == chat.Id && s.UpToId >= messageId).ExecuteDeleteAsync(cancellation);
    }

    // A branch ends with something to be seen: what is left of it, another one, or nothing at all.
    private async Task<long?> EndAsync(Chat chat, CancellationToken cancellation)
    {
        var left = chat.HeadId is { } head ? await Branch.PlacesUpwardsFrom(db, head, 1, cancellation) : [];
        if (left is [var last]) return last.Id == chat.HeadId ? last.Id : await Branch.TipBelow(db, last.Id, cancellation);
        var newest = await db.Messages.Where(m => m.ChatId == chat.Id && m.DeletedAt == null)
            .OrderBy(m => m.State == MessageState.Failed).ThenByDescending(m => m.Id).Select(m => (long?)m.Id).FirstOrDefaultAsync(cancellation);
        return newest is { } id ? await Branch.TipBelow(db, id, cancellation) : null;
    }

    // Where the branch that the deletion had cut short ended; one that is empty or ends above gets its end back in any case.
    private async Task<long?> FormerEndAsync(Chat chat, Message message, long? formerHead, CancellationToken cancellation)
    {
        if (formerHead is { } former
            && await db.Messages.AnyAsync(m => m.Id == former && m.ChatId == chat.Id && m.DeletedAt == null, cancellation)
            && (await Branch.IdsDownTo(db, former, message.Id, cancellation)).Contains(message.Id)) return former;
        var isAbove = chat.HeadId is { } head && head < message.Id && (await Branch.IdsDownTo(db, message.Id, head, cancellation)).Contains(head);
        return chat.HeadId is null || isAbove ? await Branch.TipBelow(db, message.Id, cancellation) : null;
    }

    private async Task MoveAsync(Chat chat, long? end, CancellationToken cancellation)
    {
        await Branch.TouchDifferenceAsync(db, chat, end, cancellation);
        chat.MoveHead(end);
        await db.SaveChangesAsync(cancellation);
    }

    private async Task TellAsync(User me, string chatKey, CancellationToken cancellation)
    {
        if (await db.ReadChatAsync(me.Id, chatKey, cancellation) is { } chat) rooms.Changed(chat.Id);
    }
}
