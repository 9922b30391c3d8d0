using ChatMvc.Completions;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Chats;

namespace ChatMvc.Tests.Completions;

/// <summary>No answer runs for ever, however busy its upstream looks.</summary>
public sealed class TimeLimitTests
{
    [Fact]
    public async Task An_answer_that_trickles_is_ended_at_the_overall_limit_with_what_was_written()
    {
        await using var app = await TestApp.StartAsync("OpenAI:AnswerTimeout=00:00:02");
        app.OpenAI.WillHurry(tokenDelayMs: 50);
        using var maya = await app.SignInAsAsync("Maya");

        var chat = await maya.StartChatAsync("Write 2000 words about the sea");
        var answer = await maya.LastAnswerAsync(chat);

        Assert.Equal(("failed", FailureWords.Of(AnswerFailure.TooLong)), (answer.State(), answer.Note()));
        Assert.NotEqual("", answer.Body());
        Assert.Equal(5, (await maya.GetAsync(chat)).Left);
        Assert.Equal(1, app.OpenAI.Calls.Answers);
        await Rooms.EventuallyAsync(() => Task.FromResult(app.AnswerCalls()[0].State == CallState.AbortedByClient), "the upstream was let go");
    }

    [Fact]
    public async Task The_overall_limit_counts_before_the_first_token_too()
    {
        await using var app = await TestApp.StartAsync("OpenAI:AnswerTimeout=00:00:01", "OpenAI:FirstByteTimeout=00:00:30");
        app.OpenAI.Behaviour = new() { HangAfterTokens = 0 };
        using var maya = await app.SignInAsAsync("Maya");

        var answer = await maya.LastAnswerAsync(await maya.StartChatAsync("How is bread made?"));

        Assert.Equal(("failed", FailureWords.Of(AnswerFailure.TooLong)), (answer.State(), answer.Note()));
    }

    [Fact]
    public async Task A_model_that_thinks_for_long_before_its_first_token_is_waited_for()
    {
        // Longer than the silence allowed within an answer.
        await using var app = await TestApp.StartAsync("OpenAI:IdleTimeout=00:00:01", "OpenAI:FirstByteTimeout=00:00:30");
        app.OpenAI.Behaviour = new() { Text = "At last.", FirstTokenDelayMs = 2500, TokenDelayMs = 0 };
        using var maya = await app.SignInAsAsync("Maya");

        var answer = await maya.LastAnswerAsync(await maya.StartChatAsync("How is bread made?"));

        Assert.Equal(("done", "At last."), (answer.State(), answer.Body()));
    }

    [Fact]
    public async Task Silence_frees_the_place_for_the_next_answer()
    {
        await using var app = await TestApp.StartAsync("OpenAI:FirstByteTimeout=00:00:03", "Limits:ConcurrentAnswers=1");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Here it is.");
        app.OpenAI.WillHangAfter(0);
        var silent = await maya.StartChatAsync("First question");
        await Rooms.EventuallyAsync(() => Task.FromResult(app.OpenAI.Calls.Answers == 1), "the upstream was asked");

        var next = await maya.StartChatAsync("Second question");

        Assert.Equal("Here it is.", (await maya.LastAnswerAsync(next)).Body());
        Assert.Equal("failed", (await maya.LastAnswerAsync(silent)).State());
    }
}
