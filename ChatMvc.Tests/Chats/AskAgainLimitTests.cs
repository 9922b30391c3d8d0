using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Tests.Chats.Attachments;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats;

/// <summary>A question that is too long for a model is not asked of it in any other way either.</summary>
public sealed class AskAgainLimitTests : IAsyncLifetime
{
    private const string Small = "gpt-6-sol";
    private static readonly (string, string) OfTheRoom = ("model", "");
    private readonly string catalog = Path.GetTempFileName();
    private TestApp app = null!;
    private Visitor maya = null!;

    public async Task InitializeAsync()
    {
        // 1,500 tokens of a prompt for the small one.
        await File.WriteAllTextAsync(catalog, """[{ "id": "gpt-6-luna*", "kind": "chat", "window": 100000 }, { "id": "gpt-6-sol*", "kind": "chat", "window": 2000 }]""");
        app = await TestApp.StartAsync($"Models:Catalog={catalog}", $"OpenAI:Models=gpt-6-luna,{Small}", "OpenAI:MaxAnswerTokens=500", "Limits:BasicMessages=20");
        app.OpenAI.WillAnswer("Fine.");
        maya = await app.SignInAsAsync("Maya");
    }

    public async Task DisposeAsync()
    {
        maya.Dispose();
        await app.DisposeAsync();
        File.Delete(catalog);
    }

    [Fact]
    public async Task Another_answer_of_a_model_that_the_question_does_not_fit_is_refused_like_the_question()
    {
        var chat = await StartAsync(maya.StartChatAsync(new string('q', 4_000)));
        await AssertRefusedAsync(chat, $"This message is too long for {Small}. Shorten it or choose another model.", ("model", Small));

        await SwitchAsync(chat);
        await AssertRefusedAsync(chat, $"This message is too long for {Small}.", OfTheRoom);
        await AssertRefusedAsync(chat, action: "edit", words: $"This message is too long for {Small}.", fields: ("text", new string('r', 4_000)));
        Assert.Equal(303, (await maya.SayAsync(chat, "Shorter")).Status);
        await maya.LastAnswerAsync(chat);
    }

    [Fact]
    public async Task So_is_one_whose_files_are_too_long()
    {
        var chat = await StartAsync(maya.StartWithFilesAsync("What is this?", ("long.txt", Encoding.UTF8.GetBytes(new string('a', 4_000)))));
        await AssertRefusedAsync(chat, $"1,500 is the most for {Small}", ("model", Small));

        await SwitchAsync(chat);
        await AssertRefusedAsync(chat, $"1,500 is the most for {Small}", OfTheRoom);
        await AssertRefusedAsync(chat, action: "edit", words: $"1,500 is the most for {Small}", fields: ("text", "What is it, then?"));
        Assert.Equal(1, await app.ReadAsync(db => db.Attachments.CountAsync()));
    }

    [Fact]
    public async Task So_is_one_that_leaves_no_room_for_its_context()
    {
        var context = await ContextTests.MakeAsync(maya, "Long", new string('t', 2_000));
        var chat = await StartAsync(maya.StartChatAsync("First"));
        await ContextTests.SwitchAsync(maya, chat, context);
        Assert.Equal(303, (await maya.SayAsync(chat, new string('q', 2_000))).Status);
        await maya.LastAnswerAsync(chat);

        await AssertRefusedAsync(chat, $"too long for {Small} together with the context of this chat", ("model", Small));

        await SwitchAsync(chat);
        await AssertRefusedAsync(chat, $"too long for {Small} together with the context of this chat", OfTheRoom);
        await AssertRefusedAsync(chat, action: "edit", words: "together with the context of this chat", fields: ("text", new string('r', 2_000)));
    }

    private async Task<string> StartAsync(Task<string> started)
    {
        var chat = Branches.RoomOf(await started);
        await maya.LastAnswerAsync(chat);
        return chat;
    }

    private async Task SwitchAsync(string chat) =>
        Assert.Equal(303, (await maya.SubmitAsync(ContextTests.Settings(await maya.GetAsync(chat)), ("model", Small))).Status);

    private Task AssertRefusedAsync(string chat, string words, params (string, string)[] fields) => AssertRefusedAsync(chat, words, "regenerate", fields);

    // Of the newest answer, or its question.
    private async Task AssertRefusedAsync(string chat, string words, string action, params (string, string)[] fields)
    {
        var before = await maya.GetAsync(chat);
        var (messages, calls) = (await app.MessagesAsync(), app.OpenAI.Calls.Answers);
        var page = await maya.MessagePageAsync(chat, action == "edit" ? before.Ids[^2] : before.Ids[^1]);
        var form = page.Document.QuerySelectorAll<IHtmlFormElement>($"form[action$='/{action}']").Last();

        var refused = await maya.SubmitAsync(form, fields);

        Assert.Equal(422, refused.Status);
        Assert.Contains(words, refused.Notice("error"), StringComparison.Ordinal);
        if (action == "edit") Assert.Equal(fields[0].Item2, refused.Document.QuerySelector("textarea[name=text]")!.TextContent.Trim());
        Assert.Equal((messages.Count, calls), ((await app.MessagesAsync()).Count, app.OpenAI.Calls.Answers));
        Assert.Equal(before.Left, (await maya.GetAsync(chat)).Left);
    }
}
