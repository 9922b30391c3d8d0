using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Chats;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Billing;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats;

/// <summary>
/// A room lives at random: sent, edited, asked again, continued, failed, deleted, undone, gone on with from other branches.
/// After each step what its page shows is the head's branch and what the next prompt would have, a reader who follows sees
/// the same, and from there everything that was ever said is reached by the arrows.
/// </summary>
public sealed class RandomBranchTests
{
    private const int Steps = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_done_nothing_is_lost(int seed)
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=1000", "RateLimits:Enabled=false");
        using var maya = await app.SignInAsAsync("Maya");
        var random = new Random(seed);
        var chat = await BranchTests.ConversationAsync(app, maya, "Question 0");
        using var follower = await RoomFollower.OpenAsync(maya, chat);
        var undos = new List<string>();
        var done = new List<string>();
        for (var step = 1; step <= Steps; step++)
        {
            Steer(app, random, step);
            done.Add(await StepAsync(app, maya, chat, random, step, undos));
            await Rooms.EventuallyAsync(async () => !await app.ReadAsync(db => db.Messages.Unfinished().AnyAsync()), "all answers have ended");
            var why = $"Seed {seed}, after {string.Join(", ", done)}";
            var room = await maya.GetAsync(chat);
            await IsTheHeadsBranchAsync(app, room, why);
            await follower.UntilShowsAsync(room);
            if (step % 5 == 0) await AllIsReachedAsync(app, maya, chat, why);
        }
        Assert.Empty(BooksTests.Check(app));
        Assert.Superset(new HashSet<string> { "send", "edit", "regenerate", "delete", "undo" }, done.ToHashSet());
    }

    private static void Steer(TestApp app, Random random, int step) => app.OpenAI.Behaviour = random.Next(5) switch
    {
        0 => new() { Status = 401, Times = 1, Kind = SteeredKind.Answer },
        1 => new() { Text = $"Half an answer {step}", FinishReason = "length", FirstTokenDelayMs = 0, TokenDelayMs = 0, Kind = SteeredKind.Answer, Times = 1 },
        _ => new() { Text = $"Answer {step}", FirstTokenDelayMs = 0, TokenDelayMs = 0 },
    };

    private static async Task<string> StepAsync(TestApp app, Visitor me, string chat, Random random, int step, List<string> undos)
    {
        var all = (await app.MessagesAsync()).Where(m => m.DeletedAt is null).ToList();
        var one = Any(all, random, role: null);
        switch (random.Next(9))
        {
            case 0 or 1:
                Assert.Equal(303, (await me.SayAsync(chat, $"Question {step}")).Status);
                return "send";
            case 2 when Any(all, random, Role.User) is { } question:
                Assert.Equal(303, (await me.ActAsync(chat, question.Id, "edit", ("text", $"Question {step}"))).Status);
                return "edit";
            case 3 when Any(all, random, Role.Assistant) is { } answer:
                // Of an answer whose question was deleted there is nothing to ask again.
                Assert.True((await me.ActAsync(chat, answer.Id, "regenerate")).Status is 303 or 422);
                return "regenerate";
            case 4 when all.FirstOrDefault(m => m.IsCut) is { } cut:
                Assert.True((await me.ActAsync(chat, cut.Id, "continue")).Status is 303 or 422);
                return "continue";
            case 5 or 6 when one is not null:
                undos.Add((await me.ActAsync(chat, one.Id, "delete")).Location!);
                return "delete";
            case 7 when undos.Count > 0:
                var undo = undos[random.Next(undos.Count)];
                undos.Remove(undo);
                Assert.Equal(303, (await me.SubmitAsync((await me.GetAsync(undo)).Document.QuerySelector<IHtmlFormElement>("form.undo")!)).Status);
                return "undo";
            case 8 when one is not null:
                var other = await me.GetAsync($"{chat}?at={one.Id}");
                if (other.Document.QuerySelector("form#compose") is not IHtmlFormElement form) return "look";
                Assert.Equal(303, (await me.SubmitAsync(form, ("text", $"Question {step}"))).Status);
                return "send there";
            default:
                return "nothing";
        }
    }

    private static Message? Any(List<Message> all, Random random, Role? role)
    {
        var these = all.Where(m => role is null || m.Role == role).ToList();
        return these.Count == 0 ? null : these[random.Next(these.Count)];
    }

    private static async Task IsTheHeadsBranchAsync(TestApp app, Answer room, string why)
    {
        var byId = (await app.MessagesAsync()).ToDictionary(m => m.Id);
        var head = await app.ReadAsync(db => db.Chats.Select(c => c.HeadId).SingleAsync());
        var branch = new List<Message>();
        for (var id = head; id is not null; id = byId[id.Value].ParentId) branch.Insert(0, byId[id.Value]);
        var shown = branch.Where(m => m.DeletedAt is null).Select(m => m.Id).ToList();
        Assert.True(shown.TakeLast(RoomViews.MessagesPerPage).SequenceEqual(room.Ids), $"{why}: the branch is {string.Join(' ', shown)}, shown are {string.Join(' ', room.Ids)}");
        Assert.True(head is null || byId[head.Value].DeletedAt is null, $"{why}: the head was deleted.");
        if (head is null) return;
        var prompt = await app.ReadAsync(async db => (await Branch.TurnsUpwardsFrom(db, head.Value, 200, above: 0, CancellationToken.None)).Select(turn => turn.Text).Reverse().ToList());
        var said = branch.Where(m => m.DeletedAt is null && m.State != MessageState.Failed).Select(m => m.Text!).ToList();
        Assert.True(said.SequenceEqual(prompt), $"{why}: the prompt has {string.Join('|', prompt)} for {string.Join('|', said)}.");
    }

    // As a person would: from the room, by arrows and to older pages alone.
    private static async Task AllIsReachedAsync(TestApp app, Visitor me, string chat, string why)
    {
        var (seen, open, messages) = (new HashSet<string>(), new Queue<string>([chat]), new HashSet<long>());
        while (open.TryDequeue(out var path))
        {
            if (!seen.Add(path)) continue;
            var page = await me.GetAsync(path);
            Assert.True(page.Status == 200, $"{why}: {path} got {page.Status}.");
            messages.UnionWith(page.Ids);
            foreach (var link in page.Document.QuerySelectorAll(".branches a, .older a")) open.Enqueue(link.GetAttribute("href")!.Split('#')[0]);
        }
        var lost = (await app.MessagesAsync()).Where(m => m.DeletedAt is null && m.State != MessageState.Failed && !messages.Contains(m.Id)).Select(m => m.Id).ToList();
        Assert.True(lost.Count == 0, $"{why}: {string.Join(' ', lost)} cannot be reached.");
    }
}
