using ChatMvc.Bench.Load;
using ChatMvc.Bench.Servers;

namespace ChatMvc.Bench.Figures;

/// <summary>
/// One message after the other in existing rooms, each sent as a plain form by somebody who has the room open: from the
/// moment before the post is written to the request's arrival upstream, and from the upstream's first token to the
/// follower's socket.
/// </summary>
internal sealed class SendFigure : Figure
{
    private const int Rooms = 10, Exchanges = 5, Sends = 100;
    private const int Tokens = 3, Delay = 10, First = 40;

    private static readonly Goal Median = new("post → upstream request, median", "ms", AtMost: 8, Peers: "9.0; 3.2 storing nothing first");
    private static readonly Goal Late = new("post → upstream request, p95", "ms", AtMost: 12, Peers: "12.3; 7.3 storing nothing first");
    private static readonly Goal Token = new("upstream's first token → follower's socket, median", "ms", AtMost: 2, Peers: "0.9", Digits: 2);

    public override string Name => "send";
    public override IReadOnlyList<Goal> Goals => [Median, Late, Token];

    public override async Task MeasureAsync(Workbench bench, Readings readings)
    {
        var (data, rooms) = await bench.SeedAsync(async seed => await seed.RoomsAsync(await seed.PersonAsync(), Rooms, Exchanges));
        await using var site = await bench.StartAsync(data);
        var open = new List<(Visit Visit, Follower Follower)>();
        foreach (var room in rooms)
        {
            var visit = await Visit.OpenAsync(site, room);
            open.Add((visit, visit.Follow()));
            await open[^1].Follower.Connected;
        }
        await bench.RunAsync(Name, () => SendAsync(bench, open), async () =>
        {
            var (posts, tokens) = await SendAsync(bench, open);
            readings.Add(Median, posts.Median());
            readings.Add(Late, posts.Percentile(95));
            readings.Add(Token, tokens.Median());
        });
        readings.Notes.Add($"{Sends} sends a run, one at a time, plain forms, in {Rooms} rooms of {2 * Exchanges} messages that are followed; the token's moment is before its write.");
        foreach (var (visit, follower) in open)
        {
            follower.Dispose();
            visit.Dispose();
        }
    }

    private static async Task<(List<double> Posts, List<double> Tokens)> SendAsync(Workbench bench, List<(Visit Visit, Follower Follower)> open)
    {
        var sends = new List<(Wish Wish, long Sent, Followed Seen)>();
        for (var n = 0; n < Sends; n++)
        {
            var (visit, follower) = open[n % open.Count];
            var wish = Wish.New(Tokens, Delay, First);
            var form = visit.Form(wish);
            var seen = follower.ExpectAsync(wish);
            var (sent, _) = await visit.PostAsync(form);
            sends.Add((wish, sent, await seen));
            if (!sends[^1].Seen.IsWhole) throw new InvalidOperationException($"Answer {wish.Id} was not whole.");
            // What follows the end of an answer is not to be in the way of the next.
            await Task.Delay(5);
        }
        var calls = await bench.StandIn.TakeCallsAsync([.. sends.Select(s => s.Wish)]);
        return ([.. sends.Select(s => Clock.Milliseconds(s.Sent, calls[s.Wish.Id].Arrived))],
            [.. sends.Select(s => Clock.Milliseconds(calls[s.Wish.Id].Written[0], s.Seen.Received[0]))]);
    }
}
