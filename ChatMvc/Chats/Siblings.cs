using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>Where a message stands among those that were said in its place: other wordings of a question, other answers to one.</summary>
/// <param name="Number">From 1; 0 of a failed one, which does not count.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Previous">The one before it.</param>
/// <param name="Next">The one after it.</param>
public readonly record struct Siblings(int Number, int Count, long? Previous, long? Next)
{
    public bool Any => Previous is not null || Next is not null;

    /// <summary>Of messages of one chat, in one query; those that stand alone are left out.</summary>
    public static async Task<IReadOnlyDictionary<long, Siblings>> OfAsync(ChatDb db, long chatId, IReadOnlyCollection<long> ids, CancellationToken cancellation = default)
    {
        var all = new Dictionary<long, Siblings>();
        if (ids.Count == 0) return all;
        foreach (var beside in await Branch.BesideAsync(db, chatId, ids, cancellation))
        {
            // One that failed and was gone on from: what came under it has the arrows.
            if (Of(beside.Key, [.. beside.Select(row => row.Id)]) is { Any: true } siblings && !beside.Any(row => row.IsBelow)) all[beside.Key] = siblings;
        }
        return all;
    }

    /// <summary>
    /// Lets those who follow the room hear of what became of a message's siblings by a change of its own. To be called inside
    /// the write, before and after it.
    /// </summary>
    public static async Task TouchShownAsync(ChatDb db, Chat chat, Message message, CancellationToken cancellation)
    {
        if (chat.HeadId is not { } head) return;
        var beside = (await Branch.BesideAsync(db, chat.Id, [message.Id], cancellation))[message.Id].Select(row => row.Id).ToHashSet();
        beside.IntersectWith(await Branch.IdsDownTo(db, head, beside.DefaultIfEmpty(head).Min(), cancellation));
        await db.Messages.Where(m => beside.Contains(m.Id) || (m.Id == head && m.State == MessageState.Failed))
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.Revision, chat.Revision), cancellation);
    }

    private static Siblings Of(long id, List<long> all) => new(
        all.IndexOf(id) + 1, all.Count,
        all.FindLast(other => other < id) is > 0 and var previous ? previous : null,
        all.Find(other => other > id) is > 0 and var next ? next : null);
}
