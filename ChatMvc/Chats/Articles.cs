using ChatMvc.Chats.Attachments;
using ChatMvc.Chats.Contexts;
using ChatMvc.Completions.Live;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;

namespace ChatMvc.Chats;

/// <summary>
/// Messages as HTML, the same for page and stream. One that is finished looks the same until its row is changed, so it is
/// rendered once for its revision and kept as long as there is room; a page of a room then reads ids alone.
/// </summary>
public sealed class Articles(PartialRenderer partials, LiveRooms rooms, IDbContextFactory<ChatDb> databases) : IDisposable
{
    /// <summary>In characters, two bytes each, over all rooms: about 400 pages of 50 messages.</summary>
    private const int MaxKept = 16_000_000;

    private readonly MemoryCache kept = new(new MemoryCacheOptions { SizeLimit = MaxKept, CompactionPercentage = 0.2 });

    /// <summary>The articles of a part of a branch, in the order given; what is gone meanwhile is left out.</summary>
    /// <param name="db">Where to read the rows of those that are not kept.</param>
    /// <param name="chatKey">The room's key.</param>
    /// <param name="places">Oldest first.</param>
    /// <param name="zone">The reader's time zone.</param>
    /// <param name="siblings">Of those that do not stand alone.</param>
    public async Task<IReadOnlyList<string>> OfAsync(
        ChatDb db, string chatKey, IReadOnlyList<BranchPlace> places, TimeZoneInfo zone, IReadOnlyDictionary<long, Siblings> siblings)
    {
        var html = new string?[places.Count];
        for (var i = 0; i < html.Length; i++)
            html[i] = kept.Get<string>(new Key(places[i].Id, places[i].Revision, zone.Id, siblings.GetValueOrDefault(places[i].Id)));
        if (!html.Contains(null)) return html!;
        var missing = places.Where((_, i) => html[i] is null).Select(place => place.Id).ToList();
        var rows = await db.Messages.AsNoTracking().Where(m => missing.Contains(m.Id) && m.DeletedAt == null).ToDictionaryAsync(m => m.Id);
        var marks = await MessageMark.OfAsync(db, rows.Keys);
        var files = await db.FilesOfAsync(rows.Values);
        var hasFrame = false;
        for (var i = 0; i < html.Length; i++)
        {
            if (html[i] is not null || !rows.TryGetValue(places[i].Id, out var row)) continue;
            var view = await MessageView.OfAsync(chatKey, row, rooms, db, zone, files);
            html[i] = await RenderAsync(view with
            {
                HoldsFrame = row.IsRunning && !hasFrame,
                Siblings = siblings.GetValueOrDefault(row.Id),
                Mark = marks.GetValueOrDefault(row.Id, MessageMark.None),
            });
            hasFrame |= row.IsRunning;
        }
        return [.. html.OfType<string>()];
    }

    public async Task<string> RenderAsync(MessageView view)
    {
        var message = view.Message;
        // The others have a form, and that holds the token of the person it is shown to.
        if (message.State != MessageState.Done || message.IsCut) return await partials.RenderAsync("/Chats/_Message.cshtml", view);
        var key = new Key(message.Id, message.Revision, view.Zone.Id, view.Siblings);
        if (kept.TryGetValue(key, out string? known)) return known!;
        if (view is { Mark: null, IsAnswer: false }) view = view with { Mark = await MarkOfAsync(message.Id) };
        var html = await partials.RenderAsync("/Chats/_Message.cshtml", view);
        return kept.Set(key, html, new MemoryCacheEntryOptions { Size = html.Length });
    }

    private async Task<MessageMark> MarkOfAsync(long id)
    {
        await using var db = await databases.CreateDbContextAsync();
        return (await MessageMark.OfAsync(db, [id])).GetValueOrDefault(id, MessageMark.None);
    }

    public void Dispose() => kept.Dispose();

    private readonly record struct Key(long MessageId, long Revision, string Zone, Siblings Siblings);
}
