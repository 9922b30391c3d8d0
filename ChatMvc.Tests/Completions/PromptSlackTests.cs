using System.Text;
using ChatMvc.Chats;
using ChatMvc.Chats.Contexts;
using ChatMvc.Completions;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Chats;
using ChatMvc.Tests.Chats.Attachments;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Completions;

/// <summary>What a prompt leaves out although its cover would have room for it, and what decides when there is next to none.</summary>
public sealed class PromptSlackTests
{
    [Fact]
    public async Task Without_memory_nothing_of_the_history_goes_even_where_the_context_left_room_for_it()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Yes.");
        // Covered at the longest name there may be, and filled with none.
        var context = await ContextTests.MakeAsync(maya, "Named", "{{name}}, {{name}}, {{name}}, {{name}}");
        var chat = Branches.RoomOf(await maya.StartChatAsync("One"));
        await maya.LastAnswerAsync(chat);
        await ContextTests.SwitchAsync(maya, chat, context);
        await app.ReadAsync(db => db.WriteAsync(async () => db.Summaries.Add(new Summary(await db.Messages.SingleAsync(m => m.Role == Role.Assistant), "In short.", 20, app.Time.GetUtcNow()))));
        await maya.SubmitAsync(ContextTests.Settings(await maya.GetAsync(chat)), ("memory", "off"));

        await maya.SayAsync(chat, "Two");
        await maya.LastAnswerAsync(chat);

        Assert.Equal([("system", "the user, the user, the user, the user"), ("user", "Two")], app.LastPrompt());
        var room = (await app.MessagesAsync())[^1].MaxPromptTokens!.Value - app.LastPrompt().Sum(turn => TokenEstimate.OfTurn(turn.Text));
        Assert.True(room > 2 * TokenEstimate.OfTurn("Yes.") + 20, $"There is room for all of it: {room}.");
    }

    [Fact]
    public async Task The_tokens_of_a_file_push_out_what_the_words_alone_would_leave_room_for()
    {
        await using var app = await TestApp.StartAsync("OpenAI:MaxPromptTokens=500");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Yes.");
        var chat = Branches.RoomOf(await maya.StartChatAsync("First? " + new string('b', 200)));
        await maya.LastAnswerAsync(chat);

        await maya.SendFilesAsync((await maya.GetAsync(chat)).Compose, "Second?", [("long.txt", Encoding.UTF8.GetBytes(new string('a', 800)))]);
        await maya.LastAnswerAsync(chat);

        Assert.Equal(["assistant", "user"], app.LastPrompt().Select(turn => turn.Role));
        var tokens = (await app.MessagesAsync()).Select(m => m.Tokens!.Value).ToList();
        Assert.Equal(tokens[1] + tokens[2], (await app.MessagesAsync())[^1].MaxPromptTokens);
        Assert.InRange(tokens[0], 500 - tokens[1] - tokens[2] + 1, 500);
    }

    [Theory]
    [InlineData(32_000)]
    [InlineData(1_000)]
    public async Task An_answer_that_goes_on_is_covered_with_what_it_goes_on_from_and_whole_in_the_next_prompt(int budget)
    {
        await using var app = await TestApp.StartAsync($"OpenAI:MaxPromptTokens={budget}");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await BranchTests.ConversationAsync(app, maya, "First " + new string('f', 500));
        var words = string.Join(' ', Enumerable.Repeat("word", 250));
        app.OpenAI.Behaviour = new() { Text = words, FinishReason = "length", FirstTokenDelayMs = 0, TokenDelayMs = 0, Times = 1, Kind = SteeredKind.Answer };
        await maya.SayAsync(chat, "Count");
        var cut = await maya.LastAnswerAsync(chat);
        app.OpenAI.Behaviour = new() { Text = " and the end.", WithoutUsage = true, FirstTokenDelayMs = 0, TokenDelayMs = 0 };

        await maya.ActAsync(chat, cut.MessageId(), "continue");
        await maya.LastAnswerAsync(chat);

        var prompt = app.LastPrompt();
        Assert.Equal(["Count", words, PromptBuilder.GoOn], prompt.TakeLast(3).Select(turn => turn.Text));
        Assert.Equal(budget == 1_000 ? 4 : 5, prompt.Count);
        var whole = (await app.MessagesAsync())[^1];
        Assert.Equal(prompt.Sum(turn => TokenEstimate.OfTurn(turn.Text)), whole.MaxPromptTokens);
        Assert.Equal(TokenEstimate.OfTurn(words + " and the end."), whole.Tokens);
        var request = (await app.AnswerRequestsAsync())[^1];
        Assert.Equal(prompt.Sum(turn => TokenEstimate.Likely(turn.Text)), request.PromptTokens);

        await maya.SayAsync(chat, "And then?");
        await maya.LastAnswerAsync(chat);
        Assert.Equal([words + " and the end.", "And then?"], app.LastPrompt().TakeLast(2).Select(turn => turn.Text));
        Assert.Equal(app.LastPrompt().Sum(turn => TokenEstimate.OfTurn(turn.Text)), (await app.MessagesAsync())[^1].MaxPromptTokens);
    }
}
