using ChatMvc.Accounts;
using ChatMvc.Completions.Live;
using ChatMvc.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats.List;

/// <summary>Where a chat stood before it was put elsewhere.</summary>
public readonly record struct FormerPlace(long ChatId, string? Folder);

public enum Deed { Archive, TakeBack, Delete, Move, Pin, Unpin }

/// <summary>What was done to which chats; those that stood there already are not among them.</summary>
public sealed record Placed(Deed Deed, IReadOnlyList<FormerPlace> Chats)
{
    /// <summary>What happened, in words; null where the page shows it.</summary>
    public string? Words => Chats.Count == 0 ? null : Deed switch
    {
        Deed.Archive => $"{Many} archived.",
        Deed.TakeBack => $"{Many} taken out of the archive.",
        Deed.Delete => $"{Many} deleted.",
        Deed.Move => $"{Many} moved.",
        _ => null,
    };

    private string Many => Chats.Count == 1 ? "The chat was" : $"{Chats.Count} chats were";
}

/// <summary>What became of it.</summary>
/// <param name="Placed">What was done; null when it was refused.</param>
/// <param name="Refusal">Why nothing was done, in words.</param>
/// <param name="Field">The field it is about.</param>
public readonly record struct PlacingResult(Placed? Placed, string? Refusal = null, string? Field = null);

/// <summary>Pins, archives, moves and deletes chats in a person's list, many in one transaction, and undoes it.</summary>
public sealed class Placing(ChatDb db, ChatLists lists, ReadMarks reads, LiveRooms rooms, TimeProvider time)
{
    public const int MaxAtOnce = 200;
    /// <summary>Revisions that a deletion and its undoing take: neither is news.</summary>
    private const int ThereAndBack = 2;
    private static readonly string TooManyPinned = $"At most {ChatLists.MaxPinned} chats can be pinned. Unpin some first, or pin fewer.";

    /// <param name="me">Whose list it is. Keys that are not in it are passed over.</param>
    /// <param name="keys">At most <see cref="MaxAtOnce"/>.</param>
    /// <param name="deed">What to do.</param>
    /// <param name="folder">Where to move them, as it was typed; empty for out of their folders.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<PlacingResult> DoAsync(User me, IReadOnlyCollection<string> keys, Deed deed, string? folder, CancellationToken cancellation)
    {
        var name = FolderName.Clean(folder);
        if (deed == Deed.Move && name.Length > 0 && !FolderName.IsName(name)) return new(null, FolderName.Rule, "folder");
        var deleted = new List<long>();
        var result = await db.WriteAsync(async () =>
        {
            var members = await db.ChatMembers.Include(m => m.Chat)
                .Where(m => m.UserId == me.Id && keys.Contains(m.Chat.Key) && m.Chat.DeletedAt == null).ToListAsync(cancellation);
            var target = deed == Deed.Move && name.Length > 0 ? await FolderAsync(me.Id, name, cancellation) : null;
            if (deed == Deed.Move && name.Length > 0 && target is null) return new PlacingResult(null, FolderName.TooMany, "folder");
            var changing = members.FindAll(m => Changes(m, deed, target));
            if (deed == Deed.Pin && await PinnedAsync(me.Id, cancellation) + changing.Count > ChatLists.MaxPinned) return new PlacingResult(null, TooManyPinned);
            var placed = new Placed(deed, changing.ConvertAll(m => new FormerPlace(m.ChatId, m.Folder)));
            foreach (var member in changing) Do(member, deed, target);
            if (deed == Deed.Delete) deleted.AddRange(changing.Select(m => m.ChatId));
            return new PlacingResult(placed);
        }, cancellation);
        foreach (var running in rooms.Running.Where(a => deleted.Contains(a.Room.ChatId))) running.Stop();
        foreach (var chat in deleted) rooms.Changed(chat);
        return result;
    }

    /// <summary>Puts chats back to where they stood; what was done to them since stays otherwise.</summary>
    public async Task UndoAsync(User me, Placed placed, CancellationToken cancellation)
    {
        var ids = placed.Chats.Select(c => c.ChatId).ToList();
        var folders = placed.Chats.ToDictionary(c => c.ChatId, c => c.Folder);
        var restored = await db.WriteAsync(async () =>
        {
            var members = await db.ChatMembers.Include(m => m.Chat).Where(m => m.UserId == me.Id && ids.Contains(m.ChatId)).ToListAsync(cancellation);
            foreach (var member in members) Undo(member, placed.Deed, folders[member.ChatId]);
            return members;
        }, cancellation);
        if (placed.Deed != Deed.Delete) return;
        foreach (var member in restored)
        {
            if (reads.Of(member.ChatId, me.Id, member.ReadRevision) >= member.Chat.Revision - ThereAndBack) reads.Note(member.ChatId, me.Id, member.Chat.Revision);
            rooms.Changed(member.ChatId);
        }
    }

    private static bool Changes(ChatMember member, Deed deed, string? folder) => deed switch
    {
        Deed.Archive => member.ArchivedAt is null,
        Deed.TakeBack => member.ArchivedAt is not null,
        Deed.Move => member.Folder != folder,
        Deed.Pin => member.PinnedAt is null,
        Deed.Unpin => member.PinnedAt is not null,
        _ => true,
    };

    private void Do(ChatMember member, Deed deed, string? folder)
    {
        switch (deed)
        {
            case Deed.Archive: member.Archive(time.GetUtcNow()); break;
            case Deed.TakeBack: member.TakeBack(); break;
            case Deed.Delete: member.Chat.Delete(time.GetUtcNow()); break;
            case Deed.Move: member.MoveTo(folder); break;
            case Deed.Pin: member.Pin(time.GetUtcNow()); break;
            default: member.Unpin(); break;
        }
    }

    private void Undo(ChatMember member, Deed deed, string? folder)
    {
        switch (deed)
        {
            case Deed.Archive: member.TakeBack(); break;
            case Deed.TakeBack: member.Archive(time.GetUtcNow()); break;
            case Deed.Delete: member.Chat.Restore(); break;
            case Deed.Move: member.MoveTo(folder); break;
        }
    }

    // The name as it is written already, where it differs in case alone; null when there are too many.
    private async Task<string?> FolderAsync(long userId, string name, CancellationToken cancellation)
    {
        var folders = await lists.FoldersAsync(userId, cancellation);
        return folders.FirstOrDefault(f => f.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? (folders.Count < FolderName.MaxFolders ? name : null);
    }

    private Task<int> PinnedAsync(long userId, CancellationToken cancellation) =>
        db.ChatMembers.CountAsync(m => m.UserId == userId && m.PinnedAt != null, cancellation);
}
