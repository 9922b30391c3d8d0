using System.Collections.Concurrent;
using System.Threading.Channels;
using ChatMvc.Chats;

namespace ChatMvc.Completions.Live;

/// <summary>
/// Who follows which room, and the answers being written there. A room exists while anybody is in it. In memory only:
/// whoever connects is first told everything from the database.
/// </summary>
public sealed class LiveRooms : BackgroundService
{
    public const int MaxStreamsPerPerson = 20;
    /// <summary>Tokens after the first are gathered for this long before followers are woken.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private readonly Lock gate = new();
    private readonly Dictionary<long, LiveRoom> rooms = [];
    private readonly Dictionary<long, int> streams = [];
    private readonly ConcurrentDictionary<long, LiveAnswer> answers = [];
    private readonly Channel<LiveRoom> waking = Channel.CreateUnbounded<LiveRoom>(new() { SingleReader = true });

    /// <summary>How many streams are open now.</summary>
    public int FollowerCount
    {
        get { lock (gate) return streams.Values.Sum(); }
    }

    /// <summary>How many people have one open.</summary>
    public int PeopleCount
    {
        get { lock (gate) return streams.Count; }
    }

    /// <summary>The running answers of this process.</summary>
    public ICollection<LiveAnswer> Running => answers.Values;

    public LiveAnswer? Find(long messageId) => answers.GetValueOrDefault(messageId);

    /// <summary>Tells everybody in a room that its rows changed. Call it after the commit.</summary>
    public void Changed(long chatId)
    {
        LiveRoom? room;
        lock (gate) rooms.TryGetValue(chatId, out room);
        room?.RowsChanged();
    }

    /// <summary>Joins a room; null when this person has as many streams open as are allowed. Dispose it to leave.</summary>
    public LiveFollower? Follow(long chatId, long userId)
    {
        lock (gate)
        {
            var count = streams.GetValueOrDefault(userId);
            if (count >= MaxStreamsPerPerson) return null;
            streams[userId] = count + 1;
            var room = Enter(chatId);
            var follower = new LiveFollower(room, () => Leave(room, userId));
            room.Add(follower);
            return follower;
        }
    }

    /// <param name="message">The answer that is about to be written.</param>
    /// <param name="earlier">The text that it goes on with.</param>
    public LiveAnswer Begin(Message message, string earlier = "")
    {
        lock (gate)
        {
            var answer = new LiveAnswer(message, Enter(message.ChatId), earlier);
            answers[message.Id] = answer;
            answer.Room.Add(answer);
            return answer;
        }
    }

    /// <summary>Shows new text: the first at once, then gathered.</summary>
    public void Advanced(LiveAnswer answer)
    {
        if (answer.Room.MayWakeNow(Gather)) answer.Room.Wake();
        else if (answer.Room.WantsWaking()) waking.Writer.TryWrite(answer.Room);
    }

    /// <summary>The answer is finished and committed.</summary>
    public void End(LiveAnswer answer)
    {
        lock (gate)
        {
            answers.TryRemove(new(answer.MessageId, answer));
            answer.Room.Remove(answer);
            Exit(answer.Room);
        }
        answer.End();
        answer.Room.RowsChanged();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(WakeGatheredAsync(stoppingToken), BeatAsync(stoppingToken));

    private async Task WakeGatheredAsync(CancellationToken stopping)
    {
        try
        {
            while (await waking.Reader.WaitToReadAsync(stopping))
            {
                await Task.Delay(Gather, stopping);
                while (waking.Reader.TryRead(out var room)) room.Wake();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested) { }
    }

    private async Task BeatAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Heartbeat);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                List<LiveRoom> all;
                lock (gate) all = [.. rooms.Values];
                foreach (var room in all) room.Beat();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested) { }
    }

    private void Leave(LiveRoom room, long userId)
    {
        lock (gate)
        {
            if (--streams[userId] == 0) streams.Remove(userId);
            Exit(room);
        }
    }

    private LiveRoom Enter(long chatId)
    {
        if (!rooms.TryGetValue(chatId, out var room)) rooms[chatId] = room = new LiveRoom(chatId);
        room.Occupants++;
        return room;
    }

    private void Exit(LiveRoom room)
    {
        if (--room.Occupants == 0) rooms.Remove(room.ChatId);
    }
}
