using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Chats.Attachments;
using ChatMvc.Chats.Contexts;
using ChatMvc.Chats.List;
using ChatMvc.Completions;
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
    /// <summary>The end of the branch that the message goes under, where it is another than the head's.</summary>
    public long? At { get; init; }
    /// <summary>The version of the draft that the box holds; null where none is kept.</summary>
    public long? Draft { get; init; }
    /// <summary>The contexts to choose from, on the same form.</summary>
    public IReadOnlyList<ContextChoice> Contexts { get; init; } = [];
    public long? ContextId { get; init; }
}

public enum NoticeKind { Limit, Error, Info }

/// <param name="Kind">The mark in the page.</param>
/// <param name="Words">One or two sentences: what happened, then what to do.</param>
/// <param name="Field">The form field it is about.</param>
/// <param name="IsTooMuch">Whether it is refused for what it would use (429) rather than for what it says (422).</param>
/// <param name="Link">Where to go on.</param>
/// <param name="IsClosed">Whether nobody's is taken for now (503).</param>
public sealed record ComposeNotice(
    NoticeKind Kind, string Words, string? Field = null, bool IsTooMuch = false, (string Url, string Words)? Link = null, bool IsClosed = false)
{
    /// <summary>As <c>data-notice</c> has it.</summary>
    public string Mark => Kind switch { NoticeKind.Limit => "limit", NoticeKind.Error => "error", _ => "info" };
}

/// <summary>The line under the message box that says who pays; empty where nothing is sold.</summary>
public sealed record AllowanceView(Standing Standing, DateTimeOffset Now, TimeZoneInfo Zone)
{
    /// <summary>Said while the free messages run out and nothing else would pay.</summary>
    public string? Warning => Standing switch
    {
        { Payer: Payer.Allowance, Allowance: { Left: 1, Limit: > 1 } } => "Only one left.",
        { Payer: Payer.Allowance, Allowance: { Left: 2, Limit: > 2 } } => "Only two left.",
        _ => null,
    };
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
    /// <summary>The end of the branch that is shown, where it is another than the head's.</summary>
    public long? At { get; init; }
    /// <summary>Of the same branch.</summary>
    public string NewestUrl => At is { } at ? $"{Url}?at={at}" : Url;
    /// <summary>The message that the next newer page ends above; null when that is the newest page.</summary>
    public long? NewerBefore { get; init; }
    /// <summary>Settings that were typed and could not be taken: they stay in their fields.</summary>
    public TypedSettings? Typed { get; init; }
    public IReadOnlyList<ContextChoice> Contexts { get; init; } = [];
    public bool TakesTemperature { get; init; }
    public int MostAnswerTokens { get; init; }
    /// <summary>Where it stands in its reader's list.</summary>
    public ChatMember? Place { get; init; }
    public IReadOnlyList<string> Folders { get; init; } = [];
}

/// <summary>Gathers what the pages of this folder show.</summary>
public sealed class RoomViews(
    ChatDb db, Articles articles, ModelList models, ContextList contexts, PromptBuilder prompts, Payers payers, LiveRooms rooms, SiteSettings site, TimeProvider time,
    ChatLists lists, ReadMarks reads)
{
    public const int MessagesPerPage = 50;

    public TimeZoneInfo ZoneOf(User me) => Times.Zone(me.TimeZone ?? site.TimeZone);

    /// <summary>Who pays for this person's next message to a model.</summary>
    public async Task<AllowanceView> AllowanceAsync(User me, string model) => new(await payers.StandingAsync(db, me, model), time.GetUtcNow(), ZoneOf(me));

    /// <summary>The same in a chat of theirs.</summary>
    public async Task<AllowanceView> AllowanceOfChatAsync(User me, string chatKey, CancellationToken cancellation) =>
        await AllowanceAsync(me, (await db.ReadChatAsync(me.Id, chatKey, cancellation))!.Model);

    /// <summary>The newest page of a room, the page above a message, or the page of its branch that holds one; null when there is none.</summary>
    /// <param name="me">Who looks.</param>
    /// <param name="chat">A chat visible to them.</param>
    /// <param name="before">A message of this chat, or null for the newest page.</param>
    /// <param name="at">A message of this chat whose branch is to be shown, or null for the head's.</param>
    /// <param name="text">What to put into the message box; null for the draft.</param>
    /// <param name="notice">What to say above it.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<RoomView?> RoomAsync(
        User me, Chat chat, long? before = null, long? at = null, string? text = null, ComposeNotice? notice = null, CancellationToken cancellation = default)
    {
        var zone = ZoneOf(me);
        var tip = chat.HeadId;
        if (at is not null)
        {
            if (!await db.Messages.AnyAsync(m => m.Id == at && m.ChatId == chat.Id && m.DeletedAt == null, cancellation)) return null;
            tip = await Branch.TipThrough(db, chat, at.Value, cancellation);
        }
        var start = before is null && at is not null ? await PageOfAsync(tip!.Value, at.Value, cancellation) : tip;
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
        var siblings = await Siblings.OfAsync(db, chat.Id, [.. places.Select(place => place.Id)], cancellation);
        var place = await lists.MembershipAsync(me.Id, chat.Id, cancellation);
        if (place.ReadRevision < chat.Revision) reads.Note(chat.Id, me.Id, chat.Revision);
        var other = tip == chat.HeadId ? null : tip;
        return new RoomView(chat, await articles.OfAsync(db, chat.Key, places, zone, siblings), hasOlder ? places[0].Id : null, start == tip && before is null,
            await ChoiceAsync(chat), await ComposeAsync(me, chat, text, notice, other), await lists.RailAsync(me, chat.Key))
        {
            At = other,
            NewerBefore = start == tip ? null : await NewerBeforeAsync(tip, start, cancellation),
            Contexts = await contexts.ChoicesAsync(),
            TakesTemperature = prompts.TakesTemperature(chat.Model),
            MostAnswerTokens = prompts.MaxAnswerTokens(chat.Model),
            Place = place,
            Folders = await lists.FoldersAsync(me.Id, cancellation),
        };
    }

    // Pages are counted from the end of the branch: the newest message of the one that holds this message.
    private async Task<long> PageOfAsync(long tip, long at, CancellationToken cancellation)
    {
        var places = await Branch.PlacesUpwardsFrom(db, tip, long.MaxValue, cancellation, lowest: at);
        return places[(places.Count - 1) / MessagesPerPage * MessagesPerPage].Id;
    }

    // A page down from the newest message shown, if there is a whole one above the branch's end.
    private async Task<long?> NewerBeforeAsync(long? end, long? shown, CancellationToken cancellation)
    {
        if (end is null || shown is null) return null;
        var newer = await Branch.PlacesUpwardsFrom(db, end.Value, long.MaxValue, cancellation, lowest: shown.Value + 1);
        return newer.Count > MessagesPerPage ? newer[^(MessagesPerPage + 1)].Id : null;
    }

    /// <summary>Messages of one room by their ids, in their order.</summary>
    public async Task<IReadOnlyList<MessageView>> MessagesAsync(User me, string chatKey, params long[] ids)
    {
        var views = new List<MessageView>();
        var rows = await db.Messages.AsNoTracking().Where(m => ids.Contains(m.Id)).OrderBy(m => m.Id).ToListAsync();
        var siblings = rows.Count == 0 ? null : await Siblings.OfAsync(db, rows[0].ChatId, ids);
        var files = await db.FilesOfAsync(rows);
        foreach (var message in rows)
            views.Add(await MessageView.OfAsync(chatKey, message, rooms, db, ZoneOf(me), files) with { Siblings = siblings!.GetValueOrDefault(message.Id) });
        return views;
    }

    /// <summary>The message box of a room, under its newest message or that of another branch; with the draft where no text is given.</summary>
    public async Task<ComposeView> ComposeAsync(User me, Chat chat, string? text, ComposeNotice? notice, long? at = null)
    {
        var draft = await Drafts.FindAsync(db, chat.Id, me.Id);
        return new($"/chats/{chat.Key}/messages", text ?? draft.Text, at ?? chat.HeadId, await AllowanceAsync(me, chat.Model), notice) { At = at, Draft = draft.Version };
    }

    // A model that was chosen once and is not offered any more stays visible, so that the choice is not changed silently.
    private async Task<IReadOnlyList<string>> ChoiceAsync(Chat chat)
    {
        var allowed = await models.AllowedAsync();
        return allowed.Contains(chat.Model) ? allowed : [chat.Model, .. allowed];
    }
}
