using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Chats;
using ChatMvc.Chats.Attachments;
using ChatMvc.Completions;
using ChatMvc.Sandbox;
using ChatMvc.Tests.Completions;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats.Attachments;

/// <summary>What the model hears of files, now and in later turns, and what they count.</summary>
public sealed class AttachedPromptTests : IAsyncLifetime
{
    private static readonly (string, byte[]) Notes = ("notes.md", Encoding.UTF8.GetBytes("Knead ```well```.\n"));
    private static readonly (string, byte[]) Loaf = ("loaf.png", Pictures.Png(640, 480));
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync("Limits:BasicMessages=50");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Files_go_with_the_question_to_the_model_and_stand_on_the_page_with_it()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("A loaf.");
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf, Notes);
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());

        var content = app.LastContent();
        Assert.Equal(["text", "text", "image_url"], content.Select(p => p.GetProperty("type").GetString()));
        Assert.Equal("File \"notes.md\":\n````\nKnead ```well```.\n\n````\n", content[0].GetProperty("text").GetString());
        Assert.Equal("What is this?", content[1].GetProperty("text").GetString());
        Assert.Equal("data:image/png;base64," + Convert.ToBase64String(Loaf.Item2), content[2].GetProperty("image_url").GetProperty("url").GetString());

        var question = (await maya.GetAsync(chat)).Questions[0];
        var image = question.QuerySelector<IHtmlImageElement>("figure img")!;
        Assert.Equal(("loaf.png", "320", "240", "lazy"), (image.GetAttribute("alt"), image.GetAttribute("width"), image.GetAttribute("height"), image.GetAttribute("loading")));
        Assert.Equal("notes.md", question.QuerySelector(".file-name")!.TextContent);
        Assert.Equal("What is this?", question.Body());

        var shown = await maya.FetchAsync(image.GetAttribute("src")!);
        Assert.Equal((200, "image/png"), (shown.Status, shown.Response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(Loaf.Item2, shown.Bytes);
        var text = await maya.FetchAsync(question.QuerySelector<IHtmlAnchorElement>("a[download]")!.GetAttribute("href")!);
        Assert.Equal((200, "text/plain"), (text.Status, text.Response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(Notes.Item2, text.Bytes);
    }

    [Fact]
    public async Task The_tokens_of_files_are_covered_before_they_are_sent_and_bound_like_the_text()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf, Notes);
        await maya.LastAnswerAsync(chat);
        var messages = await app.MessagesAsync();
        var files = TokenEstimate.Of(PromptText.Of(Notes.Item1, Encoding.UTF8.GetString(Notes.Item2))) + FileTokens.OfImage(640, 480);
        Assert.Equal(TokenEstimate.OfTurn("What is this?") + files, messages[0].Tokens);
        Assert.Equal(messages[0].Tokens, messages[1].MaxPromptTokens);

        await maya.SayAsync(chat, "And now?");
        await maya.LastAnswerAsync(chat);
        messages = await app.MessagesAsync();
        Assert.Equal(messages.Take(3).Sum(m => m.Tokens), messages[3].MaxPromptTokens);
        Assert.Equal(3, app.LastContent().Count);

        var long1 = ("long.txt", Encoding.UTF8.GetBytes(new string('a', 70_000)));
        var refused = await maya.SendFilesAsync((await maya.GetAsync(chat)).Compose, "Too long?", [long1]);
        Assert.Equal((422, "Too long?"), (refused.Status, refused.Typed));
        Assert.Contains("32,000 is the most", refused.Notice("error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_keeps_its_files_as_long_as_the_budget_lasts_and_what_goes_is_what_was_covered()
    {
        await using var app = await TestApp.StartAsync("OpenAI:MaxPromptTokens=500");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("Yes.");
        var chat = await maya.StartWithFilesAsync("First?", ("long.txt", Encoding.UTF8.GetBytes(new string('a', 600))));
        await maya.LastAnswerAsync(chat);

        await maya.SayAsync(chat, "Second?");
        await maya.LastAnswerAsync(chat);
        Assert.Equal(3, app.LastMessages().Count);
        await maya.SayAsync(chat, "Third? " + new string('b', 300));
        await maya.LastAnswerAsync(chat);

        Assert.Equal(["Yes.", "Second?", "Yes."], app.LastMessages().SkipLast(1).Select(m => m.GetProperty("content").GetString()));
        var answers = (await app.MessagesAsync()).Where(m => m.Role == Role.Assistant).ToList();
        Assert.All(answers, a => Assert.InRange(a.MaxPromptTokens!.Value, 1, 500));
    }

    [Fact]
    public async Task A_model_without_eyes_is_named_and_hears_of_earlier_pictures_by_name()
    {
        var catalog = Path.GetTempFileName();
        await File.WriteAllTextAsync(catalog, """[{ "id": "gpt-6-luna*", "kind": "chat", "window": 100000, "images": true }, { "id": "gpt-6-sol*", "kind": "chat", "window": 100000 }]""");
        await using var app = await TestApp.StartAsync($"Models:Catalog={catalog}", "OpenAI:Models=gpt-6-luna,gpt-6-sol", "OpenAI:MaxAnswerTokens=500");
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf);
        var answer = await maya.LastAnswerAsync(chat);
        var settings = (await maya.GetAsync(chat)).Document.QuerySelector<IHtmlFormElement>("form.room-settings")!;
        Assert.Equal(303, (await maya.SubmitAsync(settings, ("model", "gpt-6-sol"))).Status);

        var refused = await maya.SendFilesAsync((await maya.GetAsync(chat)).Compose, "And this?", [Loaf]);
        Assert.Equal((422, "And this?", 1), (refused.Status, refused.Typed, refused.Kept.Count));
        Assert.Contains("gpt-6-sol cannot see pictures. Choose another model", refused.Notice("error"), StringComparison.Ordinal);
        var page = await maya.GetAsync($"{chat}/messages/{answer.MessageId()}");
        Assert.Equal(422, (await maya.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("form.again")!, ("model", "gpt-6-sol"))).Status);

        await maya.SayAsync(chat, "Go on");
        await maya.LastAnswerAsync(chat);
        Assert.Contains("[The file \"loaf.png\" came with this message; this model cannot see pictures.]", string.Concat(app.LastContent().Select(p => p.GetProperty("text").GetString())), StringComparison.Ordinal);
        File.Delete(catalog);
    }

    [Fact]
    public async Task A_question_in_other_words_keeps_its_files_and_one_that_is_refused_leaves_no_copies()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf, Notes);
        await maya.LastAnswerAsync(chat);
        var form = await EditFormAsync(maya, chat);
        Assert.Contains("Its files go with it.", form.TextContent, StringComparison.Ordinal);

        Assert.Equal(422, (await maya.SubmitAsync(form, ("text", ""))).Status);
        Assert.Equal((2, 2), (app.Uploads().Length, await app.ReadAsync(db => db.Attachments.CountAsync())));
        foreach (var _ in (int[])[1, 2])
        {
            Assert.Equal(303, (await maya.SubmitAsync(form, ("text", "What bread is this?"))).Status);
            await maya.LastAnswerAsync(chat);
            Assert.Equal((4, 4), (app.Uploads().Length, await app.ReadAsync(db => db.Attachments.CountAsync(a => a.MessageId != null))));
        }

        var content = app.LastContent();
        Assert.Equal("What bread is this?", content[1].GetProperty("text").GetString());
        Assert.Equal(3, content.Count);
        var question = Assert.Single((await maya.GetAsync(chat)).Questions);
        var shown = await maya.FetchAsync(question.QuerySelector<IHtmlImageElement>("figure img")!.GetAttribute("src")!);
        Assert.Equal(Loaf.Item2, shown.Bytes);
        var answers = (await app.MessagesAsync()).Where(m => m.Role == Role.Assistant).ToList();
        Assert.Equal(2, answers.Count);
        Assert.Equal(answers[0].MaxPromptTokens + TokenEstimate.Of("What bread is this?") - TokenEstimate.Of("What is this?"), answers[1].MaxPromptTokens);
    }

    private static async Task<IHtmlFormElement> EditFormAsync(Visitor visitor, string chat)
    {
        var question = (await visitor.GetAsync(chat)).Questions[0];
        var page = await visitor.GetAsync($"{chat}/messages/{question.MessageId()}");
        return page.Document.QuerySelector<IHtmlFormElement>("form.edit")!;
    }

    [Fact]
    public async Task The_preview_names_the_files_that_go_along()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf, Notes);
        await maya.LastAnswerAsync(chat);

        var line = (await maya.GetAsync(chat + "/preview")).Document.QuerySelector(".sent-list li")!;

        Assert.Equal("What is this?", line.QuerySelector(".sent-text")!.TextContent);
        Assert.Equal(["loaf.png", "notes.md"], line.QuerySelectorAll(".file-name").Select(n => n.TextContent));
        Assert.DoesNotContain("Knead", line.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_summary_hears_of_the_files_by_name()
    {
        await using var app = await TestApp.StartAsync("OpenAI:MaxPromptTokens=2400", "OpenAI:MaxAnswerTokens=500", "Limits:BasicMessages=20");
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An answer of some length. " + new string('a', 400));
        var chat = await maya.StartWithFilesAsync("Read this", ("long.txt", Encoding.UTF8.GetBytes(new string('b', 3_000))));
        for (var i = 0; i < 6; i++)
        {
            await maya.LastAnswerAsync(chat);
            await maya.SayAsync(chat, $"Question {i}");
        }
        await maya.LastAnswerAsync(chat);
        await Rooms.EventuallyAsync(() => Task.FromResult(app.OpenAI.Calls.Summaries > 0), "it is asked for");

        var asked = app.OpenAI.Calls.Snapshot().First(c => c.Kind == CallKind.Summary);
        Assert.Equal("[The file \"long.txt\" came with this message; it is not shown here.]\nRead this", PromptTests.MessagesOf(Encoding.UTF8.GetString(asked.Body!))[1].Text);
    }

    [Fact]
    public async Task A_retry_sends_the_files_again_and_covers_them()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillFail(401);
        var chat = await maya.StartWithFilesAsync("What is this?", Loaf, Notes);
        var failed = await maya.LastAnswerAsync(chat);
        var before = app.LastHeard();

        await maya.SubmitAsync(failed.Form("regenerate"));
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());

        Assert.Equal(before, app.LastHeard());
        Assert.Single((await app.MessagesAsync()).Where(m => m.Role == Role.Assistant).Select(m => m.MaxPromptTokens).Distinct());
    }

    [Fact]
    public async Task The_sandbox_says_what_it_saw()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var answer = await maya.LastAnswerAsync(await maya.StartWithFilesAsync("Explain how bread is made", Loaf, Notes));
        Assert.Contains("With your message came the file “notes.md”.", answer.Body(), StringComparison.Ordinal);
        Assert.Contains("An attachment came with your message", answer.Body(), StringComparison.Ordinal);
    }
}
