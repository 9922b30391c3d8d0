using System.Text.Json;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Tests.Completions;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats;

/// <summary>Memory, temperature and the longest answer of a chat, and the page that says what will be sent.</summary>
public sealed class ChatSettingTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync("Limits:BasicMessages=50");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Without_memory_each_question_goes_alone_also_when_it_is_asked_again()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await ChatAsync(maya);
        await SetAsync(maya, chat, ("memory", "off"));

        await maya.SayAsync(chat, "Two");
        var alone = await maya.LastAnswerAsync(chat);
        Assert.Equal([("user", "Two")], PromptTests.MessagesOf(app.LastHeard()));
        var page = await maya.GetAsync($"{chat}/messages/{alone.MessageId()}");
        await maya.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("form.again")!);
        await maya.LastAnswerAsync(chat);
        Assert.Equal([("user", "Two")], PromptTests.MessagesOf(app.LastHeard()));

        await SetAsync(maya, chat, ("memory", "on"));
        await maya.SayAsync(chat, "Three");
        await maya.LastAnswerAsync(chat);
        Assert.Equal(["One", "Two", "Three"], PromptTests.MessagesOf(app.LastHeard()).Where(m => m.Role == "user").Select(m => m.Text));
    }

    [Fact]
    public async Task Without_memory_a_long_history_costs_no_hold()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer(new string('a', 20_000));
        var chat = await ChatAsync(maya);
        await maya.SayAsync(chat, "With all");
        await maya.LastAnswerAsync(chat);
        await SetAsync(maya, chat, ("memory", "off"));
        await maya.SayAsync(chat, "Alone");
        await maya.LastAnswerAsync(chat);

        var sizes = (await app.MessagesAsync()).Where(m => m.MaxPromptTokens is not null).Select(m => m.MaxPromptTokens!.Value).ToList();
        Assert.InRange(sizes[1], 10_000, 12_000);
        Assert.InRange(sizes[2], 1, 20);
    }

    [Fact]
    public async Task Temperature_and_longest_answer_are_sent_where_the_model_takes_them()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await ChatAsync(maya);
        Assert.Null((await maya.GetAsync(chat)).Document.QuerySelector("[name=temperature]"));
        await SetAsync(maya, chat, ("model", "gpt-4o-mini"));
        await SetAsync(maya, chat, ("temperature", "0,7"), ("maxTokens", "123"));
        Assert.Equal(("0.7", "123"), await StandsAsync(maya, chat));

        await maya.SayAsync(chat, "Two");
        await maya.LastAnswerAsync(chat);
        Assert.Equal((0.7m, 123), Heard());

        // A model that takes none is not sent one; the field goes, what was set stays for the way back.
        await SetAsync(maya, chat, ("model", "gpt-6-luna"));
        await maya.SayAsync(chat, "Three");
        await maya.LastAnswerAsync(chat);
        Assert.Equal((null, 123), Heard());
        Assert.Equal((null, "123"), await StandsAsync(maya, chat));

        await SetAsync(maya, chat, ("model", "gpt-4o-mini"), ("maxTokens", ""));
        Assert.Equal(("0.7", ""), await StandsAsync(maya, chat));
        await SetAsync(maya, chat, ("temperature", ""));
        await maya.SayAsync(chat, "Four");
        await maya.LastAnswerAsync(chat);
        Assert.Equal((null, 4_096), Heard());
    }

    [Theory]
    [InlineData("temperature", "2.01")]
    [InlineData("temperature", "-1")]
    [InlineData("temperature", "warm")]
    [InlineData("temperature", "0.123")]
    [InlineData("temperature", "1e1")]
    [InlineData("maxTokens", "15")]
    [InlineData("maxTokens", "4097")]
    [InlineData("maxTokens", "99999999999999")]
    [InlineData("maxTokens", "many")]
    [InlineData("memory", "perhaps")]
    public async Task A_wrong_value_changes_nothing_and_stays_in_its_field(string field, string value)
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await ChatAsync(maya);
        await SetAsync(maya, chat, ("model", "gpt-4o-mini"));

        var refused = await maya.SubmitAsync(ContextTests.Settings(await maya.GetAsync(chat)), ("title", "Another"), (field, value));

        Assert.Equal(422, refused.Status);
        Assert.NotNull(refused.Notice("error"));
        var input = refused.Document.QuerySelector($".room-settings [name={field}]")!;
        Assert.Equal("true", input.GetAttribute("aria-invalid"));
        if (field != "memory") Assert.Equal(value, input.GetAttribute("value"));
        Assert.Equal("Another", refused.Document.QuerySelector("#title")!.GetAttribute("value"));
        Assert.NotNull(refused.Document.QuerySelector(".room-menu")!.GetAttribute("open"));
        Assert.NotEqual("Another", (await maya.GetAsync(chat)).Document.QuerySelector("#chat-title")!.TextContent);
    }

    [Fact]
    public async Task The_way_to_what_will_be_sent_stands_under_the_box_and_takes_along_what_was_written_there()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await ChatAsync(maya);
        var room = await maya.GetAsync(chat);
        Assert.Empty((await maya.GetAsync("/chats")).Document.QuerySelectorAll(".composer-foot a[href$='/preview']"));
        await maya.SendAsync(HttpMethod.Post, $"{chat}/draft", Visitor.Fields(room.Compose, ("text", "Half a thought")), []);

        var preview = await maya.GetAsync(room.Document.QuerySelector(".composer-foot a")!.GetAttribute("href")!);

        Assert.Equal("Half a thought", preview.Document.QuerySelector("#draft")!.TextContent);
        Assert.Equal("Half a thought", preview.Document.QuerySelectorAll(".sent-text")[^1].TextContent);
        // Taken out of the field, it is left out.
        var without = await maya.SubmitAsync(preview.Document.QuerySelector<IHtmlFormElement>("form.context-form")!, ("text", ""));
        Assert.Equal("", without.Document.QuerySelector("#draft")!.TextContent);
    }

    [Fact]
    public async Task What_will_be_sent_is_what_the_upstream_hears()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.WillAnswer("An <b>answer</b> & more.\n\n  Indented.");
        var context = await ContextTests.MakeAsync(maya, "All", "{{date}} {{name}} {{model}} {{mood}}\n<i>");
        var chat = await ChatAsync(maya);
        await ContextTests.SwitchAsync(maya, chat, context);
        const string text = "  Two <script>\n{{name}}\n\n";

        var form = (await maya.GetAsync($"{chat}/preview")).Document.QuerySelector<IHtmlFormElement>("form.context-form")!;
        var preview = await maya.SubmitAsync(form, ("text", text));
        await maya.SayAsync(chat, text);
        await maya.LastAnswerAsync(chat);

        var shown = preview.Document.QuerySelectorAll(".sent-list li").Select(li => (li.GetAttribute("data-role")!, li.QuerySelector(".sent-text")!.TextContent)).ToList();
        Assert.Equal(PromptTests.MessagesOf(app.LastHeard()), shown);
        Assert.Equal(4, shown.Count);
        Assert.Matches(@"^About \d+ tokens, about \$0\.0000\d+\. The answer has at most 4,096 tokens, which cost \$0\.002\.$", preview.Document.QuerySelector("#preview-size")!.TextContent);

        await SetAsync(maya, chat, ("memory", "off"), ("contextId", ""));
        var alone = await maya.SubmitAsync(form, ("text", text));
        Assert.Equal([text], alone.Document.QuerySelectorAll(".sent-text").Select(t => t.TextContent));
        Assert.Equal(422, (await maya.SubmitAsync(form, ("text", new string('x', 32_001)))).Status);
        using var noor = await app.SignInAsAsync("Noor");
        Assert.Equal(404, (await noor.GetAsync($"{chat}/preview")).Status);
    }

    private async Task<string> ChatAsync(Visitor visitor)
    {
        var chat = await visitor.StartChatAsync("One");
        await visitor.LastAnswerAsync(chat);
        return chat;
    }

    private static async Task SetAsync(Visitor visitor, string chat, params (string, string)[] fields) =>
        Assert.Equal(303, (await visitor.SubmitAsync(ContextTests.Settings(await visitor.GetAsync(chat)), fields)).Status);

    private static async Task<(string?, string?)> StandsAsync(Visitor visitor, string chat)
    {
        var form = ContextTests.Settings(await visitor.GetAsync(chat));
        return (form.QuerySelector("[name=temperature]")?.GetAttribute("value"), form.QuerySelector("[name=maxTokens]")?.GetAttribute("value"));
    }

    private (decimal?, int) Heard()
    {
        using var json = JsonDocument.Parse(app.LastHeard());
        return (json.RootElement.TryGetProperty("temperature", out var t) ? t.GetDecimal() : null, json.RootElement.GetProperty("max_completion_tokens").GetInt32());
    }
}
