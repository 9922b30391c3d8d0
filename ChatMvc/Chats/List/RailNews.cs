using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats.List;

/// <summary>
/// The rail as it is now, for pages that are open: asked for every few seconds while somebody looks at them, and at once
/// when they come back. Nothing where they have the same already. A stream of its own for each page would hold a
/// connection, of which browsers have six; what a room's stream brings of other rooms would have to be looked up as well.
/// </summary>
public static class RailNews
{
    public static async Task<IResult> GetAsync(
        string? current, string? seen, HttpContext http, ChatDb db, CurrentUser me, ChatLists lists, ReadMarks reads, PartialRenderer partials, CancellationToken cancellation)
    {
        http.Response.VariesByHtmx();
        await db.Database.OpenConnectionAsync(cancellation);
        // Whoever asks has the room before their eyes.
        if (Chat.IsKey(current) && await db.ReadChatAsync(me.Id, current!, cancellation) is { } chat) reads.Note(chat.Id, me.Id, chat.Revision);
        var rail = await lists.RailAsync(me.User, current);
        return rail.Version == seen ? Results.NoContent() : Results.Content(await partials.RenderAsync("/Chats/List/_RailChats.cshtml", rail), "text/html; charset=utf-8");
    }
}
