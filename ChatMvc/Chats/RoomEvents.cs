using System.Globalization;
using System.Text;
using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Chats.Attachments;
using ChatMvc.Completions.Live;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>
/// The stream of a room, as server-sent events whose data is HTML. First every article that changed since the reader's
/// revision, running ones with their text so far; then what happens. Each event's id is the room's revision.
/// </summary>
public sealed class RoomEvents(
    IDbContextFactory<ChatDb> databases, CurrentUser me, Fragments fragments, Payers payers, LiveRooms rooms, Meters meters, SiteSettings site, TimeProvider time,
    IHostApplicationLifetime lifetime)
{
    /// <summary>A reader that takes nothing for this long is dropped; it comes back and is told everything.</summary>
    private static readonly TimeSpan SlowReader = TimeSpan.FromSeconds(10);
    private const int ReconnectMilliseconds = 1_000;
    /// <summary>Rows sent at most for one change; a reader further behind gets these in place of all it had.</summary>
    public const int MaxRows = 200;

    private static readonly Func<ChatDb, long, CancellationToken, Task<Chat?>> ChatById =
        EF.CompileAsyncQuery((ChatDb db, long chatId, CancellationToken _) => db.Chats.AsNoTracking().SingleOrDefault(c => c.Id == chatId && c.DeletedAt == null));
    private static readonly Func<ChatDb, long, long, IAsyncEnumerable<Message>> ChangedSince =
        EF.CompileAsyncQuery((ChatDb db, long chatId, long since) => db.Messages.AsNoTracking()
            .Where(m => m.ChatId == chatId && m.Revision > since).OrderByDescending(m => m.Id).Take(MaxRows + 1));
    private static readonly Func<ChatDb, long, IAsyncEnumerable<Message>> Unfinished =
        EF.CompileAsyncQuery((ChatDb db, long chatId) => db.Messages.AsNoTracking()
            .Where(m => m.ChatId == chatId && (m.State == MessageState.Queued || m.State == MessageState.Streaming)).OrderByDescending(m => m.Id).Take(MaxRows + 1));

    private readonly Dictionary<long, Seen> seen = [];
    private readonly TimeZoneInfo zone = Times.Zone(me.User.TimeZone ?? site.TimeZone);
    private long revision;
    // The end of the branch that the reader looks at, where it is another than the head's.
    private long? at;

    // A database is opened for each look and given back: thousands may follow and see nothing for hours.
    public static async Task<IResult> GetAsync(
        string key, long? after, long? at, HttpContext http, IDbContextFactory<ChatDb> databases, CurrentUser me, LiveRooms rooms,
        SessionStreams sessions, IAntiforgery antiforgery)
    {
        Chat? chat;
        await using (var db = await databases.CreateDbContextAsync(http.RequestAborted)) chat = await db.ReadChatAsync(me.Id, key, http.RequestAborted);
        if (chat is null) return Results.NotFound();
        // Before the first byte: the articles' forms need a token, and a cookie cannot be set later.
        antiforgery.GetAndStoreTokens(http);
        using var follower = rooms.Follow(chat.Id, me.Id);
        if (follower is null)
        {
            http.Response.Headers.RetryAfter = "5";
            return Results.StatusCode(StatusCodes.Status429TooManyRequests);
        }
        using var session = sessions.Open(me);
        var last = http.Request.Headers["Last-Event-ID"].ToString();
        var since = long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : after ?? 0;
        var stream = ActivatorUtilities.CreateInstance<RoomEvents>(http.RequestServices);
        stream.at = at;
        await stream.SendAsync(http, follower, since, session.Ended);
        return Results.Empty;
    }

    private async Task SendAsync(HttpContext http, LiveFollower follower, long since, CancellationToken signedOut)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping, signedOut);
        var response = http.Response;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        revision = since;
        try
        {
            await WriteAsync(response, $"retry: {ReconnectMilliseconds}\n\n", ending.Token);
            if (!await CatchUpAsync(response, follower, isFirst: true, ending.Token)) return;
            while (true)
            {
                await follower.WaitAsync(ending.Token);
                var sent = follower.TakeRowsChanged() ? await CatchUpAsync(response, follower, isFirst: false, ending.Token) : (bool?)null;
                if (sent == false) return;
                if (!await SendBlocksAsync(response, follower, ending.Token) && sent is null) await WriteAsync(response, ":\n\n", ending.Token);
            }
        }
        catch (TimeoutException)
        {
            // What it has not taken would be kept for it otherwise.
            http.Abort();
        }
        // The reader left, the session ended or the server goes down: it comes back by itself, as one does that was too slow, and learns which.
        catch (Exception e) when (e is OperationCanceledException or IOException) { }
    }

    // Articles whose rows changed since the revision the reader has. False when the room is gone.
    private async Task<bool> CatchUpAsync(HttpResponse response, LiveFollower follower, bool isFirst, CancellationToken ending)
    {
        await using var db = await databases.CreateDbContextAsync(ending);
        await db.Database.OpenConnectionAsync(ending);
        var chat = await ChatById(db, follower.Room.ChatId, ending);
        if (chat is null) return false;
        if (chat.Revision <= revision && !isFirst) return true;
        var since = revision;
        var changed = await ChangedSince(db, chat.Id, since).ToListAsync(ending);
        // In their text running answers are ahead of their rows. Two queries, because each has an index of its own.
        if (isFirst)
            changed = [.. (await Unfinished(db, chat.Id).ToListAsync(ending)).Concat(changed).DistinctBy(m => m.Id).OrderByDescending(m => m.Id).Take(MaxRows + 1)];
        var isFarBehind = changed.Count > MaxRows;
        if (isFarBehind) changed.RemoveAt(MaxRows);
        var shown = await ShownAsync(db, at ?? chat.HeadId, changed, ending);
        changed.Reverse();
        var siblings = await Siblings.OfAsync(db, chat.Id, [.. changed.Where(m => shown.Contains(m.Id)).Select(m => m.Id)], ending);
        var files = await db.FilesOfAsync(changed);
        var events = new StringBuilder();
        if (isFarBehind) Append(events, "message", Fragments.OnlyFrom(chat.Key, changed[0].Id));
        foreach (var message in changed)
        {
            if (!shown.Contains(message.Id) || message.DeletedAt is not null) Append(events, "gone", Fragments.Gone(message.Id));
            else await AppendArticleAsync(events, db, chat, message, siblings.GetValueOrDefault(message.Id), files);
        }
        // The new revision comes with the last event alone: whoever loses the line half-way asks for all of them again.
        revision = chat.Revision;
        if (!isFirst || since != revision) Append(events, "message", await HeadAsync(db, chat, changed)
            + await fragments.RoomStateAsync(chat, changed.Exists(m => m.IsRunning && m.AskedById == me.Id) || await db.IsAnsweringAsync(me.Id, chat.Id, ending), at ?? chat.HeadId) + await AllowanceAsync(db, chat.Model));
        await WriteAsync(response, events.ToString(), ending);
        return true;
    }

    // Which of them stand on the shown branch. Nearly always these are its end, whose parents are among them.
    private static async Task<HashSet<long>> ShownAsync(ChatDb db, long? tip, List<Message> changed, CancellationToken ending)
    {
        var byId = changed.ToDictionary(m => m.Id);
        var shown = new HashSet<long>();
        for (var id = tip; id is not null && byId.TryGetValue(id.Value, out var message); id = message.ParentId) shown.Add(id.Value);
        return shown.Count == changed.Count || tip is null
            ? shown
            : await Branch.IdsDownTo(db, tip.Value, changed.Min(m => m.Id), ending);
    }

    private async Task AppendArticleAsync(StringBuilder events, ChatDb db, Chat chat, Message message, Siblings siblings, ILookup<long, Attachment> files)
    {
        var view = await MessageView.OfAsync(chat.Key, message, rooms, db, zone, files) with { Siblings = siblings };
        message = view.Message;
        if (view.Live is { } live) seen[message.Id] = new Seen(message.Attempt, live.Version, live.Shown.FinishedBlocks.Count);
        // Whoever watched it being written is told that it is done; for everybody else it is an article like any other.
        var isEnd = message.IsTerminal && message.Role == Role.Assistant && seen.Remove(message.Id);
        if (message.IsRunning) seen.TryAdd(message.Id, new Seen(message.Attempt, 0, 0));
        Append(events, isEnd ? "done" : "message", await fragments.ArticleAsync(view));
    }

    // The title and the allowance travel with an article, so that every message event holds one.
    private async Task<string> HeadAsync(ChatDb db, Chat chat, List<Message> sent)
    {
        if (sent.Count > 0 || (at ?? chat.HeadId) is not { } head) return "";
        var message = await db.Messages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == head && m.ChatId == chat.Id && m.DeletedAt == null);
        if (message is null or { IsRunning: true }) return "";
        var siblings = await Siblings.OfAsync(db, chat.Id, [head]);
        return await fragments.ArticleAsync(await MessageView.OfAsync(chat.Key, message, rooms, db, zone) with { Siblings = siblings.GetValueOrDefault(head) });
    }

    private async Task<string> AllowanceAsync(ChatDb db, string model) =>
        await fragments.AllowanceAsync(new AllowanceView(await payers.StandingAsync(db, me.User, model), time.GetUtcNow(), zone));

    private async Task<bool> SendBlocksAsync(HttpResponse response, LiveFollower follower, CancellationToken ending)
    {
        var since = follower.TakeTokenSince();
        var events = new StringBuilder();
        foreach (var answer in follower.Room.Answers)
        {
            // Its article has not been sent yet: that comes first, and holds the text so far.
            if (!seen.TryGetValue(answer.MessageId, out var known) || known.Attempt != answer.Attempt || known.Version == answer.Version) continue;
            var frame = answer.Frame();
            seen[answer.MessageId] = new Seen(answer.Attempt, frame.Version, frame.Shown.FinishedBlocks.Count);
            Append(events, "block", Fragments.Blocks(answer.MessageId, frame, known.Finished));
        }
        if (events.Length == 0) return false;
        await WriteAsync(response, events.ToString(), ending);
        if (since != 0) meters.TokenSent(since);
        return true;
    }

    private void Append(StringBuilder events, string name, string html)
    {
        events.Append("id: ").Append(revision).Append("\nevent: ").Append(name).Append('\n');
        // These alone end a line of the stream; U+2028, form feeds and the like are text.
        var text = html.AsSpan();
        foreach (var line in text.SplitAny('\r', '\n')) events.Append("data: ").Append(text[line]).Append('\n');
        events.Append('\n');
    }

    private static async Task WriteAsync(HttpResponse response, string text, CancellationToken ending)
    {
        if (text.Length == 0) return;
        Encoding.UTF8.GetBytes(text, response.BodyWriter);
        var flush = response.BodyWriter.FlushAsync(ending);
        // Nearly always the socket takes it at once, and no clock is needed.
        if (flush.IsCompleted) await flush;
        else await flush.AsTask().WaitAsync(SlowReader, ending);
    }

    private readonly record struct Seen(int Attempt, long Version, int Finished);
}
