using AngleSharp.Dom;

namespace ChatMvc.Tests.Chats;

/// <summary>Connections drop and pages are loaded anew at random while a long answer is written.</summary>
public sealed class ReloadTests
{
    private const int MostEventsPerConnection = 10;
    private const double Reloads = 0.3;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task However_often_it_is_left_the_answer_only_grows_and_ends_as_a_fresh_page_has_it(int seed)
    {
        await using var app = await TestApp.StartAsync();
        app.OpenAI.WillHurry(tokenDelayMs: 2);
        using var maya = await app.SignInAsAsync("Maya");
        using var phone = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("Write 2000 words about the sea");
        var (restless, steady) = (new Reader(maya, chat), new Reader(phone, chat));

        var reading = steady.ReadAsync(leaves: null);
        await restless.ReadAsync(new Random(seed));
        await reading;

        Assert.True(restless.Left >= 3, $"It left only {restless.Left} times.");
        Assert.True(steady.Steps > 10, $"It saw only {steady.Steps} states of the answer.");
        var fresh = await maya.GetAsync(chat);
        Assert.True(fresh.Answers[0].Body().Split(' ').Length > 1500, "It is a long answer.");
        foreach (var reader in new[] { restless, steady })
        {
            Assert.Equal(RoomFollower.Articles(fresh.Document), RoomFollower.Articles(reader.Follower.Page));
            Assert.DoesNotContain(reader.Follower.Missed, m => m.EndsWith("-open", StringComparison.Ordinal));
            reader.Follower.Dispose();
        }
    }

    [Fact]
    public async Task A_page_loaded_in_the_very_moment_of_the_end_has_the_whole_text()
    {
        await using var app = await TestApp.StartAsync("Limits:BasicMessages=100");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "One two three four five six seven eight nine ten.", FirstTokenDelayMs = 0, TokenDelayMs = 2 };
        for (var round = 0; round < 25; round++)
        {
            var chat = await maya.StartChatAsync("A question");
            await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
            {
                for (var (seen, isDone) = (0, false); !isDone;)
                {
                    var answer = (await maya.GetAsync(chat)).Answers[0];
                    Assert.True(answer.Body().Length >= seen, $"The text shrank from {seen} characters to {answer.Body().Length}, {answer.State()}.");
                    (seen, isDone) = (answer.Body().Length, answer.State() == "done");
                }
            }));
        }
    }

    /// <summary>Somebody who looks at the answer after every event.</summary>
    private sealed class Reader(Visitor visitor, string chat)
    {
        private string shown = "";

        public RoomFollower Follower { get; } = new(visitor, chat);
        public int Left { get; private set; }
        public int Steps { get; private set; }

        public async Task ReadAsync(Random? leaves)
        {
            await Follower.LoadAsync();
            Look();
            await Follower.ConnectAsync();
            while (!IsDone)
            {
                var leavesAfter = leaves?.Next(1, MostEventsPerConnection) ?? int.MaxValue;
                await Follower.UntilAsync(_ =>
                {
                    Look();
                    return IsDone || leavesAfter-- == 0;
                });
                if (IsDone) break;
                Left++;
                if (leaves!.NextDouble() < Reloads)
                {
                    await Follower.LoadAsync();
                    Look();
                }
                await Follower.ConnectAsync();
            }
        }

        private bool IsDone => Follower.State == "done";

        private void Look()
        {
            var now = string.Concat(Follower.Body.Where(c => !char.IsWhiteSpace(c)));
            Assert.True(now.Length >= shown.Length,
                $"The text shrank from {shown.Length} to {now.Length} characters ({Follower.State}):\n…{shown[^Math.Min(200, shown.Length)..]}\n…{now[^Math.Min(200, now.Length)..]}");
            if (now.Length > shown.Length) Steps++;
            shown = now;
        }
    }
}
