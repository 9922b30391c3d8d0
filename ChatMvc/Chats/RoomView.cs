using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Chats.List;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Models;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>The message box: what stood in it, what is wrong with it, and who pays.</summary>
public sealed record ComposeView(string Action, string Text, long? Parent, AllowanceView Allowance, ComposeNotice? Notice = null)
{
    public string Nonce { get; } = RandomKey.OfLength(24);
    /// <summary>The models to choose from, on the form of a new chat alone.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];
    public string? Model { get; init; }
}

public enum NoticeKind { Limit, Error, Info }

/// <param name="Kind">The mark in the page.</param>
/// <param name="Words">One or two sentences: what happened, then what to do.</param>
/// <param name="Field">The form field it is about.</param>
/// <param name="IsTooMuch">Whether it is refused for what it would use (429) rather than for what it says (422).</param>
/// <param name="Link">Where to go on.</param>
public sealed record ComposeNotice(NoticeKind Kind, string Words, string? Field = null, bool IsTooMuch = false, (string Url, string Words)? Link = null)
{
    /// <summary>As <c>data-notice</c> has it.</summary>
    public string Mark => Kind switch { NoticeKind.Limit => "limit", NoticeKind.Error => "error", _ => "info" };
}

/// <summary>The line under the message box that says who pays; empty where nothing is sold.</summary>
public sealed record AllowanceView(Standing Standing, DateTimeOffset Now, TimeZoneInfo Zone)
{
    public string? NextAt => Standing.Allowance?.NextAt is { } next ? Times.Moment(next, Now, Zone) : null;
}

/// <summary>A room as its page shows it.</summary>
/// <param name="Articles">The messages of this page as HTML, oldest first.</param>
/// <param name="OlderThan">The message that the next page ends above; null when there is none older.</param>
public sealed record RoomView(
    Chat Chat, IReadOnlyList<string> Articles, long? OlderThan, bool IsNewest, IReadOnlyList<string> Models,
    ComposeView Compose, Rail Rail)
{
    public string Url => $"/chats/{Chat.Key}";
    /// <summary>A title that was typed and could not be taken: it stays in its field.</summary>
    public string? TypedTitle { get; init; }
    /// <summary>Where it stands in its reader's list.</summary>
    public ChatMember? Place { get; init; }
    public IReadOnlyList<string> Folders { get; init; } = [];
}

/// <summary>Gathers what the pages of this folder show.</summary>
public sealed class RoomViews(ChatDb db, Articles articles, ModelList models, Payers payers, LiveRooms rooms, SiteSettings site, TimeProvider time, ChatLists lists, ReadMarks reads)
{
    public const int MessagesPerPage = 50;

    public TimeZoneInfo ZoneOf(User me) => Times.Zone(me.TimeZone ?? site.TimeZone);

    /// <summary>Who pays for this person's next message to a model.</summary>
    public async Task<AllowanceView> AllowanceAsync(User me, string model) => new(await payers.StandingAsync(db, me, model), time.GetUtcNow(), ZoneOf(me));

    /// <summary>The same in a chat of theirs.</summary>
    public async Task<AllowanceView> AllowanceOfChatAsync(User me, string chatKey, CancellationToken cancellation) =>
        await AllowanceAsync(me, (await db.ReadChatAsync(me.Id, chatKey, cancellation))!.Model);

    /// <summary>The newest page of a room, or the page above a message.</summary>
    /// <param name="me">Who looks.</param>
    /// <param name="chat">A chat visible to them.</param>
    /// <param name="before">A message of this chat, or null for the newest page.</param>
    /// <param name="text">What to put into the message box.</param>
    /// <param name="notice">What to say above it.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<RoomView?> RoomAsync(
        User me, Chat chat, long? before = null, string text = "", ComposeNotice? notice = null, CancellationToken cancellation = default)
    {
        var zone = ZoneOf(me);
        var start = chat.HeadId;
        if (before is not null)
        {
            var anchor = await db.Messages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == before && m.ChatId == chat.Id, cancellation);
            if (anchor?.ParentId is null) return null;
            start = anchor.ParentId;
        }
        var places = start is null ? [] : await Branch.PlacesUpwardsFrom(db, start.Value, MessagesPerPage + 1, cancellation);
        var hasOlder = places.Count > MessagesPerPage;
        if (hasOlder) places.RemoveAt(MessagesPerPage);
        places.Reverse();
        var place = await lists.MembershipAsync(me.Id, chat.Id, cancellation);
        if (place.ReadRevision < chat.Revision) reads.Note(chat.Id, me.Id, chat.Revision);
        return new RoomView(chat, await articles.OfAsync(db, chat.Key, places, zone), hasOlder ? places[0].Id : null, before is null,
            await ChoiceAsync(chat), await ComposeAsync(me, chat, text, notice), await lists.RailAsync(me, chat.Key))
        { Place = place, Folders = await lists.FoldersAsync(me.Id, cancellation) };
    }

    /// <summary>Messages of one room by their ids, in their order.</summary>
    public async Task<IReadOnlyList<MessageView>> MessagesAsync(User me, string chatKey, params long[] ids)
    {
        var views = new List<MessageView>();
        foreach (var message in await db.Messages.AsNoTracking().Where(m => ids.Contains(m.Id)).OrderBy(m => m.Id).ToListAsync())
            views.Add(await MessageView.OfAsync(chatKey, message, rooms, db, ZoneOf(me)));
        return views;
    }

    /// <summary>The message box of a room, under its newest message.</summary>
    public async Task<ComposeView> ComposeAsync(User me, Chat chat, string text, ComposeNotice? notice) =>
        new($"/chats/{chat.Key}/messages", text, chat.HeadId, await AllowanceAsync(me, chat.Model), notice);

    // A model that was chosen once and is not offered any more stays visible, so that the choice is not changed silently.
    private async Task<IReadOnlyList<string>> ChoiceAsync(Chat chat)
    {
        var allowed = await models.AllowedAsync();
        return allowed.Contains(chat.Model) ? allowed : [chat.Model, .. allowed];
    }
}
