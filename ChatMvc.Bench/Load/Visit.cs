using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ChatMvc.Bench.Servers;
using ChatMvc.Shared;

namespace ChatMvc.Bench.Load;

/// <summary>A room that somebody has open: its page was read, its form can be sent, its events can be followed.</summary>
internal sealed partial class Visit : IDisposable
{
    private readonly Site site;
    private readonly HttpLine line;
    private readonly string cookies;
    private readonly string token;

    private Visit(Site site, Room room, HttpLine line, string cookies, string token, long revision) =>
        (this.site, Room, this.line, this.cookies, this.token, Revision) = (site, room, line, cookies, token, revision);

    public Room Room { get; }
    /// <summary>The room's when the page was made.</summary>
    public long Revision { get; }

    /// <summary>Loads the page.</summary>
    public static async Task<Visit> OpenAsync(Site site, Room room)
    {
        var line = HttpLine.Open(site.Port);
        var reply = await line.SendAsync(Requests.Get(site.Port, room.Path, room.Owner.SessionCookie));
        var page = Encoding.UTF8.GetString(reply.Body);
        if (reply.Status != 200) throw new InvalidOperationException($"{room.Path} gave {reply.Status}:\n{page}");
        var form = reply.Header("Set-Cookie")?.Split(';')[0] ?? throw new InvalidOperationException("The page set no cookie for its forms.");
        var revision = EventsLink().Match(page);
        var token = Token().Match(page);
        if (!revision.Success || !token.Success) throw new InvalidOperationException($"No link to the events, or no form, on {room.Path}:\n{page}");
        return new Visit(site, room, line, $"{room.Owner.SessionCookie}; {form}", token.Groups[1].Value, long.Parse(revision.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>The form as bytes, with a nonce of its own.</summary>
    public byte[] Form(Wish wish) => Requests.Form(site.Port, $"{Room.Path}/messages", cookies,
        ("text", wish.Question), ("nonce", RandomKey.OfLength(24)), ("__RequestVerificationToken", token));

    /// <summary>Sends the form.</summary>
    /// <returns>The moments before it was written and after its <c>303</c> was read.</returns>
    public async Task<(long Sent, long Accepted)> PostAsync(byte[] form)
    {
        var sent = Clock.Now;
        var reply = await line.SendAsync(form);
        var accepted = Clock.Now;
        if (reply.Status != 303) throw new InvalidOperationException($"The post was answered by {reply.Status}:\n{Encoding.UTF8.GetString(reply.Body)}");
        return (sent, accepted);
    }

    /// <summary>Follows the room's events from the page's revision on.</summary>
    public Follower Follow() => FollowOn(site);

    /// <summary>The same on another run of the server.</summary>
    public Follower FollowOn(Site later) => Follower.Open(later.Port, Requests.Events(later.Port, $"{Room.Path}/events?after={Revision}", cookies));

    public byte[] Page() => Requests.Get(site.Port, Room.Path, cookies);

    public void Dispose() => line.Dispose();

    [GeneratedRegex(@"/events\?after=(\d+)")]
    private static partial Regex EventsLink();

    [GeneratedRegex(@"name=""__RequestVerificationToken""[^>]*value=""([^""]+)""")]
    private static partial Regex Token();
}
