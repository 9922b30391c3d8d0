using System.Net;
using System.Text;
using ChatMvc.Accounts;
using ChatMvc.Completions;
using ChatMvc.Completions.Live;
using ChatMvc.Completions.Rendering;
using ChatMvc.Data;
using ChatMvc.Shared;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Chats;

/// <summary>
/// An answer as a page that is sent while it is written: what a browser without scripts shows in the room's frame, or by
/// itself. It ends with a link to the room.
/// </summary>
public sealed class LivePage(Theme theme, IDbContextFactory<ChatDb> databases, LiveRooms rooms, SiteSettings site, IHostApplicationLifetime lifetime)
{
    /// <summary>How long the page is kept open in all; then it ends with the same link.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);
    /// <summary>Keeps proxies from taking a long pause for the end; nothing of it shows.</summary>
    private const string Heartbeat = "<!-- -->";
    private readonly HtmlPrefixWriter writer = new();

    public static async Task<IResult> GetAsync(string key, long mid, HttpContext http, IDbContextFactory<ChatDb> databases, CurrentUser me, LiveRooms rooms,
        SessionStreams sessions)
    {
        Message? message;
        await using (var db = await databases.CreateDbContextAsync(http.RequestAborted)) message = await db.Messages.AsNoTracking().Include(m => m.Chat).SingleOrDefaultAsync(m => m.Id == mid && m.Role == Role.Assistant
            && m.DeletedAt == null && db.Chats.VisibleTo(me.Id).Any(c => c.Key == key && c.Id == m.ChatId), http.RequestAborted);
        if (message is null) return Results.NotFound();
        using var follower = rooms.Follow(message.ChatId, me.Id);
        if (follower is null) return Results.StatusCode(StatusCodes.Status429TooManyRequests);
        using var session = sessions.Open(me);
        await ActivatorUtilities.CreateInstance<LivePage>(http.RequestServices, me.User.Theme).SendAsync(http, message, follower, session.Ended);
        return Results.Empty;
    }

    private async Task SendAsync(HttpContext http, Message message, LiveFollower follower, CancellationToken signedOut)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping, signedOut);
        ending.CancelAfter(Longest);
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.AllowOurOwnFrame();
        http.Response.LeaveAsItIs();
        http.Response.Headers["X-Accel-Buffering"] = "no";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await WriteAsync(http, Head(message), ending.Token);
            while (true)
            {
                var news = rooms.Find(message.Id) is { } live ? writer.Next(live.Frame().Shown) : "";
                await WriteAsync(http, news.Length > 0 ? news : Heartbeat, ending.Token);
                if (await EndedAsync(message.Id) is { } end)
                {
                    await WriteAsync(http, writer.Finish(MessageView.HtmlOf(end)) + Foot(message.Chat.Key, end), ending.Token);
                    return;
                }
                await follower.WaitAsync(ending.Token);
            }
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            // The session ended, the server goes down or the page was open for too long: the answer goes on, and the link leads to it.
            var foot = signedOut.IsCancellationRequested ? SignedOutFoot(message) : Foot(message.Chat.Key, message);
            await WriteAsync(http, writer.Abandon() + foot, http.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException) { }
    }

    private async Task<Message?> EndedAsync(long id)
    {
        if (rooms.Find(id) is not null) return null;
        await using var db = await databases.CreateDbContextAsync();
        var message = await db.Messages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id);
        return message is { IsTerminal: true } ? message : null;
    }

    private string Head(Message message) => $"""
        <!DOCTYPE html>
        <html lang="en"{(theme.Attribute is { } chosen ? $" data-theme=\"{chosen}\"" : "")}>
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="{theme.Attribute ?? "light dark"}">
        <title>{WebUtility.HtmlEncode($"{message.Chat.Title} · {site.Name}")}</title>
        <link rel="stylesheet" href="/lib/site.css">
        </head>
        <body class="live">
        <main id="main">
        <h1 class="visually-hidden">{WebUtility.HtmlEncode(message.Chat.Title)}</h1>
        <article class="message" id="m-{message.Id}" data-role="assistant" data-state="streaming">
        <div class="message-body">

        """;

    private static string Foot(string key, Message message)
    {
        var foot = new StringBuilder("\n</div>\n");
        if (message.State == MessageState.Failed && message.Failure is { } failure)
            foot.Append("<p class=\"message-note\">").Append(WebUtility.HtmlEncode(FailureWords.Of(failure))).Append("</p>\n");
        // With a query, so that the room is loaded anew: from the room's own address, a mere fragment would only scroll.
        return foot.Append("</article>\n<p class=\"live-end\"><a class=\"button\" target=\"_top\" href=\"/chats/").Append(key)
            .Append("?at=").Append(message.Id).Append("#m-").Append(message.Id).Append("\">").Append(message.IsTerminal ? "Go on with the chat" : "See how far it is").Append("</a></p>\n</main>\n</body>\n</html>\n").ToString();
    }

    private static string SignedOutFoot(Message message) =>
        "\n</div>\n<p class=\"message-note\">You are signed out.</p>\n</article>\n<p class=\"live-end\"><a class=\"button\" target=\"_top\" href=\"/signin?returnUrl="
        + Uri.EscapeDataString("/chats/" + message.Chat.Key) + "\">Sign in again</a></p>\n</main>\n</body>\n</html>\n";

    private static async Task WriteAsync(HttpContext http, string html, CancellationToken ending)
    {
        if (html.Length == 0) return;
        await http.Response.WriteAsync(html, ending);
        await http.Response.Body.FlushAsync(ending);
    }
}
