using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Sandbox;

namespace ChatMvc.Tests.Chats;

/// <summary>The whole journey over plain forms.</summary>
public sealed class JourneyTests
{
    [Fact]
    public async Task A_question_gets_its_answer_a_title_and_costs_one_message()
    {
        await using var app = await TestApp.StartAsync();
        app.OpenAI.WillAnswer("Bread needs **time**.");
        using var maya = await app.SignInAsAsync("Maya");
        Assert.StartsWith("5 of 5 free messages left", (await maya.GetAsync("/chats")).Allowance);

        var chat = await maya.StartChatAsync("How is bread made?");
        var answer = await maya.LastAnswerAsync(chat);

        Assert.Equal("done", answer.State());
        Assert.Equal("Bread needs time.", answer.Body());
        Assert.Equal("time", answer.QuerySelector("strong")!.TextContent);
        var room = await maya.GetAsync(chat);
        Assert.StartsWith("4 of 5 free messages left. The next one comes back", room.Allowance);
        Assert.Single(room.Document.QuerySelectorAll("article[data-role=user]"));
        Assert.Equal("no-store", room.Header("Cache-Control"));
    }

    [Fact]
    public async Task A_conversation_goes_on_under_its_last_answer_and_the_model_hears_all_of_it()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("First answer.");
        var chat = await maya.StartChatAsync("First question");
        await maya.LastAnswerAsync(chat);
        app.OpenAI.WillAnswer("Second answer.");

        Assert.Equal(303, (await maya.SayAsync(chat, "Second question")).Status);
        await maya.LastAnswerAsync(chat);

        var articles = (await maya.GetAsync(chat)).Document.QuerySelectorAll("article.message").Select(a => a.Body());
        Assert.Equal(["First question", "First answer.", "Second question", "Second answer."], articles);
        var heard = System.Text.Encoding.UTF8.GetString(app.OpenAI.Calls.Snapshot().Last(c => c.Kind == CallKind.Answer).Body!);
        Assert.True(heard.IndexOf("First question", StringComparison.Ordinal) < heard.IndexOf("First answer.", StringComparison.Ordinal));
        Assert.True(heard.IndexOf("First answer.", StringComparison.Ordinal) < heard.IndexOf("Second question", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_running_answer_can_be_stopped_and_keeps_what_was_written()
    {
        await using var app = await TestApp.StartAsync();
        app.OpenAI.WillHurry(tokenDelayMs: 20);
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("Write 2000 words about the sea");
        var running = await maya.AnswerInStateAsync(chat, "streaming");

        var stopped = await maya.SubmitAsync(running.Form("stop"));

        Assert.Equal(303, stopped.Status);
        var answer = await maya.LastAnswerAsync(chat);
        Assert.Equal("stopped", answer.State());
        Assert.StartsWith("4 of 5", (await maya.GetAsync(chat)).Allowance);
    }

    [Fact]
    public async Task A_chat_is_renamed_given_another_model_deleted_and_had_back()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        var first = await maya.StartChatAsync("One");
        var second = await maya.StartChatAsync("Two");
        await maya.LastAnswerAsync(second);
        var room = await maya.GetAsync(second);
        var settings = room.Document.QuerySelector<IHtmlFormElement>("form[action$='/settings']")!;

        Assert.Equal(303, (await maya.SubmitAsync(settings, ("title", "My <b>title</b>"), ("model", "gpt-6-sol"))).Status);

        room = await maya.GetAsync(second);
        Assert.Equal("My <b>title</b>", room.Document.QuerySelector("h1")!.TextContent);
        Assert.Equal(303, (await maya.SayAsync(second, "Again")).Status);
        await maya.LastAnswerAsync(second);
        Assert.Equal("gpt-6-sol", app.OpenAI.Calls.Snapshot().Last(c => c.Kind == CallKind.Answer).Model);

        var deleted = await maya.SubmitAsync(room.Document.QuerySelector<IHtmlFormElement>("form[action$='/delete']")!);
        Assert.StartsWith(first, deleted.Location);
        Assert.Equal(404, (await maya.GetAsync(second)).Status);
        var next = await maya.GetAsync(deleted.Location!);
        var undo = next.Document.QuerySelector<IHtmlFormElement>("form[action$='/restore']")!;
        Assert.Equal(second, (await maya.SubmitAsync(undo)).Location);
        Assert.Equal(200, (await maya.GetAsync(second)).Status);
    }

    [Fact]
    public async Task Nobody_elses_chat_exists()
    {
        await using var app = await TestApp.StartAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var chat = await maya.StartChatAsync("A secret");
        var answer = await maya.LastAnswerAsync(chat);
        var mid = answer.Id![2..];
        string[] paths = [chat, $"{chat}/events?after=0", $"{chat}/messages/{mid}", $"{chat}/messages/{mid}/live", "/chats/abcdefghijklmnop"];

        var seen = new List<Answer>();
        foreach (var path in paths) seen.Add(await noor.GetAsync(path));

        Assert.All(seen, s => Assert.Equal(404, s.Status));
        Assert.Equal(seen[^1].Text, seen[0].Text);
        // The message of one's own room is not to be had through another room of one's own either.
        var other = await maya.StartChatAsync("Other");
        Assert.Equal(404, (await maya.GetAsync($"{other}/messages/{mid}")).Status);
    }
}
