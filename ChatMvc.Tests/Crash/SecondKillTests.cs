using ChatMvc.Completions;
using ChatMvc.Sandbox;
using ChatMvc.Shared;

namespace ChatMvc.Tests.Crash;

/// <summary>A second <c>kill -9</c> in the same answer ends it: no third request, and the message is not counted.</summary>
public sealed class SecondKillTests
{
    [Fact]
    public async Task In_mid_stream_it_fails_with_its_partial_text_and_can_be_retried()
    {
        await using var app = await MortalApp.StartAsync();
        app.WillAnswer(KillTests.Text, slowly: true);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("How is bread made?");
        await app.HasStoredPartsAsync(characters: 50);
        await app.KillAsync();
        await app.RestartAsync();
        var stored = await app.HasStoredPartsAsync(characters: 50, attempt: 2);
        await app.KillAsync();

        await app.RestartAsync();

        var answer = await maya.LastAnswerAsync(chat);
        Assert.Equal("failed", answer.State());
        Assert.StartsWith(stored.Trim(), answer.Body());
        Assert.StartsWith(answer.Body(), KillTests.Text);
        Assert.Contains("not counted", answer.TextContent);
        Assert.StartsWith("5 of 5", (await maya.GetAsync(chat)).Allowance);
        Assert.Empty(await app.DamageAsync());
        // Another sweep has nothing to add.
        await Task.Delay(AnswerSweep.Every + TimeSpan.FromSeconds(1));
        Assert.Equal(2, app.OpenAI.Calls.Answers);

        app.WillAnswer(KillTests.Text);
        Assert.Equal(303, (await maya.SubmitAsync(answer.Form("regenerate"))).Status);

        answer = await maya.LastAnswerAsync(chat);
        Assert.Equal(("done", KillTests.Text), (answer.State(), answer.Body()));
        Assert.StartsWith("4 of 5", (await maya.GetAsync(chat)).Allowance);
        Assert.Equal(3, app.OpenAI.Calls.Answers);
    }

    [Fact]
    public async Task An_answer_that_kills_the_server_each_time_does_so_twice_and_others_flow()
    {
        await using var app = await MortalApp.StartAsync(Moment.Step(Steps.AnswerClaimed));
        app.WillAnswer(KillTests.Text);
        using var maya = await app.SignInAsAsync("Maya");
        var (action, fields) = await maya.FillInAsync("/chats", "How is bread made?");
        await maya.TryToPostAsync(action, fields);
        await app.HasDiedAsync();
        app.Begin(Moment.Step(Steps.AnswerClaimed));
        await app.HasDiedAsync();

        await app.RestartAsync();

        var chat = Assert.Single(await maya.ChatsAsync());
        Assert.Equal("failed", (await maya.LastAnswerAsync(chat)).State());
        Assert.StartsWith("5 of 5", (await maya.GetAsync(chat)).Allowance);
        Assert.Equal(0, app.OpenAI.Calls.Answers);
        Assert.Equal(303, (await maya.SayAsync(chat, "And now?")).Status);
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());
        Assert.Equal(1, app.OpenAI.Calls.Answers);
    }
}
