using ChatMvc.Accounts;
using ChatMvc.Chats.Attachments;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>What was said on a chat's shown branch, as one text to read or print: no form, no stream.</summary>
public sealed class ReadModel(ChatDb db, CurrentUser me, RoomViews views) : PageModel
{
    /// <summary>Messages; more are a link away.</summary>
    public const int MostTurns = 200;

    public string Key { get; private set; } = "";
    public string Title { get; private set; } = "";
    public IReadOnlyList<ReadTurn> Turns { get; private set; } = [];
    public long? OlderThan { get; private set; }
    public bool IsNewest { get; private set; }
    /// <summary>From when to when, in words.</summary>
    public string Span { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync(string key, long? before, CancellationToken cancellation)
    {
        await db.Database.OpenConnectionAsync(cancellation);
        if (await db.ReadChatAsync(me.Id, key, cancellation) is not { } chat) return NotFound();
        (Key, Title, IsNewest) = (key, chat.Title, before is null);
        var end = chat.HeadId;
        if (before is not null)
        {
            end = await db.Messages.Where(m => m.Id == before && m.ChatId == chat.Id).Select(m => m.ParentId).SingleOrDefaultAsync(cancellation);
            if (end is null) return NotFound();
        }
        var places = end is null ? [] : await Branch.PlacesUpwardsFrom(db, end.Value, MostTurns + 1, cancellation);
        if (places.Count > MostTurns) OlderThan = places[MostTurns - 1].Id;
        var ids = places.Take(MostTurns).Select(place => place.Id).ToList();
        var said = await db.Messages.AsNoTracking().Where(m => ids.Contains(m.Id) && m.DeletedAt == null && m.State != MessageState.Failed && m.Text != null && m.Text != "")
            .OrderBy(m => m.Id).ToListAsync(cancellation);
        var files = await db.FilesOfAsync(said);
        Turns = [.. said.Select(m => new ReadTurn(m.Id, m.Text!, m.Role == Role.User ? null : MessageView.HtmlOf(m), [.. files[m.Id].Select(FileSize.Named)]))];
        Span = said.Count == 0 ? "Nothing has been said yet." : SpanOf(said[0].CreatedAt, said[^1].CreatedAt);
        return Page();
    }

    private string SpanOf(DateTimeOffset from, DateTimeOffset to)
    {
        var zone = views.ZoneOf(me.User);
        var (first, last) = (Times.Day(from, zone), Times.Day(to, zone));
        return first == last ? first : $"{first} to {last}";
    }
}

/// <param name="Id">Of the message.</param>
/// <param name="Text">As it was written.</param>
/// <param name="Html">Safe HTML of an answer; null for a question.</param>
/// <param name="Files">What came with it, by name.</param>
public sealed record ReadTurn(long Id, string Text, string? Html, IReadOnlyList<string> Files);
