using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Chats.Contexts;
using ChatMvc.Tests.Completions;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Chats;

/// <summary>Reusable system prompts: made, ordered, chosen at the start, switched in the middle.</summary>
public sealed class ContextTests : IAsyncLifetime
{
    private const string List = "/contexts";
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync("Limits:BasicMessages=50");

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task One_is_made_edited_ordered_deleted_and_had_back()
    {
        using var maya = await app.SignInAsAsync("Maya");
        Assert.NotEmpty((await maya.GetAsync(List)).Document.QuerySelectorAll(".examples a"));
        var example = await maya.GetAsync("/contexts?example=2");
        Assert.Contains("{{name}}", example.Document.QuerySelector("textarea[name=text]")!.TextContent, StringComparison.Ordinal);
        var first = await MakeAsync(maya, "Pirate", "Talk like a pirate.");
        await MakeAsync(maya, "Poet", "Answer in verse.");
        Assert.Equal(["Pirate", "Poet"], await NamesAsync(maya));

        await PressAsync(maya, $"{List}/{first}/down");
        Assert.Equal(["Poet", "Pirate"], await NamesAsync(maya));
        await PressAsync(maya, $"{List}/{first}/up");
        Assert.Equal(["Pirate", "Poet"], await NamesAsync(maya));

        var page = await maya.GetAsync($"{List}/{first}");
        Assert.Equal("Talk like a pirate.", page.Document.QuerySelector("textarea")!.TextContent);
        Assert.Equal(303, (await maya.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>(".context-form")!, ("name", "Corsair"), ("text", "Talk like a corsair."))).Status);
        Assert.Equal(["Corsair", "Poet"], await NamesAsync(maya));

        var deleted = await PressAsync(maya, $"{List}/{first}/delete");
        Assert.Equal(["Poet"], await NamesAsync(maya));
        Assert.Equal(404, (await maya.GetAsync($"{List}/{first}")).Status);
        var undo = (await maya.GetAsync(deleted.Location!)).Document.QuerySelector<IHtmlFormElement>("form.undo")!;
        Assert.Equal(303, (await maya.SubmitAsync(undo)).Status);
        Assert.Equal(["Corsair", "Poet"], await NamesAsync(maya));
    }

    [Theory]
    [InlineData("", "Words", "name")]
    [InlineData("   ", "Words", "name")]
    [InlineData("Name", "", "text")]
    [InlineData("Name", " \r\n ", "text")]
    [InlineData("LONG", "Words", "name")]
    [InlineData("Name", "LONG", "text")]
    [InlineData("Name", "VARIABLES", "text")]
    public async Task What_cannot_be_taken_stays_in_its_form(string name, string text, string field)
    {
        using var maya = await app.SignInAsAsync("Maya");
        name = name == "LONG" ? new string('n', Context.MaxName + 1) : name;
        text = text switch { "LONG" => new string('t', ContextText.MaxLength + 1), "VARIABLES" => string.Concat(Enumerable.Repeat("{{name}}", ContextText.MaxVariables + 1)), _ => text };
        var form = (await maya.GetAsync(List)).Document.QuerySelector<IHtmlFormElement>(".context-form")!;

        var refused = await maya.SubmitAsync(form, ("name", name), ("text", text));

        Assert.Equal(422, refused.Status);
        Assert.NotNull(refused.Notice("error"));
        Assert.Equal("true", refused.Document.QuerySelector($".context-form [name={field}]")!.GetAttribute("aria-invalid"));
        Assert.Equal(text.Trim(), refused.Document.QuerySelector("textarea")!.TextContent);
        Assert.Equal(0, await app.ReadAsync(db => db.Contexts.CountAsync()));
    }

    [Fact]
    public async Task A_hundred_are_enough()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await MakeAsync(maya, "First", "Words.");
        await app.SqlAsync($"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Context.MaxEach - 1})
            INSERT INTO Contexts (UserId, Name, Position, IsDefault, CreatedAt) SELECT (SELECT UserId FROM Contexts), 'N' || i, i, 0, 1 FROM n;
            INSERT INTO ContextVersions (ContextId, Text, CreatedAt) SELECT Id, 'Words', 1 FROM Contexts WHERE Name <> 'First'
            """);
        var page = await maya.GetAsync(List);
        Assert.Equal(100, page.Document.QuerySelectorAll(".context-list li").Length);

        var refused = await maya.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>(".context-form")!, ("name", "One more"), ("text", "Words"));

        Assert.Equal(422, refused.Status);
        Assert.Contains("100", refused.Notice("error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_default_is_preselected_for_new_chats_and_there_is_one_at_most()
    {
        using var maya = await app.SignInAsAsync("Maya");
        Assert.Null((await maya.GetAsync("/chats")).Document.QuerySelector("#compose [name=contextId]"));
        var pirate = await MakeAsync(maya, "Pirate", "Talk like a pirate.");
        var poet = await MakeAsync(maya, "Poet", "Answer in verse.");
        Assert.Equal("", (await maya.GetAsync("/chats")).Document.QuerySelector<IHtmlSelectElement>("#compose [name=contextId]")!.Value);
        await PressAsync(maya, $"{List}/{pirate}/default", ("whether", "yes"));
        await PressAsync(maya, $"{List}/{poet}/default", ("whether", "yes"));

        Assert.Equal($"{poet}", (await maya.GetAsync("/chats")).Document.QuerySelector<IHtmlSelectElement>("#compose [name=contextId]")!.Value);
        await maya.LastAnswerAsync(await maya.StartChatAsync("Hello there"));
        Assert.Equal([("system", "Answer in verse."), ("user", "Hello there")], PromptTests.MessagesOf(app.LastHeard()));

        var without = await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose, ("text", "Plain, please"), ("contextId", ""));
        await maya.LastAnswerAsync(without.Location!);
        Assert.Equal([("user", "Plain, please")], PromptTests.MessagesOf(app.LastHeard()));
    }

    [Fact]
    public async Task Switching_in_the_middle_holds_from_the_next_question_on_and_is_marked()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var pirate = await MakeAsync(maya, "Pirate", "Talk like a pirate.");
        var poet = await MakeAsync(maya, "Poet", "Answer in verse.");
        var chat = await maya.StartChatAsync("One");
        await maya.LastAnswerAsync(chat);
        await SwitchAsync(maya, chat, pirate);
        await SayAsync(maya, chat, "Two");
        Assert.Equal(("system", "Talk like a pirate."), PromptTests.MessagesOf(app.LastHeard())[0]);
        await SayAsync(maya, chat, "Three");
        await SwitchAsync(maya, chat, poet);
        await SayAsync(maya, chat, "Four");
        Assert.Equal(("system", "Answer in verse."), PromptTests.MessagesOf(app.LastHeard())[0]);
        await EditAsync(maya, poet, "Poet", "Answer in long verse.");
        await SayAsync(maya, chat, "Five");
        await PressAsync(maya, $"{List}/{poet}/delete");
        await SayAsync(maya, chat, "Six");

        Assert.DoesNotContain(PromptTests.MessagesOf(app.LastHeard()), m => m.Role == "system");
        Assert.Equal([null, "From here: Pirate", null, "From here: Poet", "From here: Poet, changed", "From here without a context"], Marks(await maya.GetAsync(chat)));
        // A cold look says the same as what was kept.
        await app.SqlAsync("UPDATE Chats SET Revision = Revision + 1; UPDATE Messages SET Revision = (SELECT Revision FROM Chats)");
        Assert.Equal([null, "From here: Pirate", null, "From here: Poet", "From here: Poet, changed", "From here without a context"], Marks(await maya.GetAsync(chat)));
    }

    [Fact]
    public async Task A_follower_sees_the_mark_with_the_question()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var pirate = await MakeAsync(maya, "Pirate", "Talk like a pirate.");
        var chat = await maya.StartChatAsync("One");
        await maya.LastAnswerAsync(chat);
        await SwitchAsync(maya, chat, pirate);
        var room = await maya.GetAsync(chat);

        var sent = await maya.SubmitByHtmxAsync(room.Compose, ("text", "Two"));

        Assert.Empty(HtmxParts.Apply(room.Document, sent.Text));
        Assert.Equal([null, "From here: Pirate"], Marks(room));
    }

    [Fact]
    public async Task Old_answers_keep_the_text_they_were_given_under_also_when_asked_again()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var pirate = await MakeAsync(maya, "Pirate", "Talk like a pirate.");
        await PressAsync(maya, $"{List}/{pirate}/default", ("whether", "yes"));
        var chat = await maya.StartChatAsync("One");
        var answer = await maya.LastAnswerAsync(chat);
        for (var i = 0; i < 3; i++) await EditAsync(maya, pirate, "Pirate", $"Talk like admiral {i}.");
        // What nothing was asked under is not kept.
        Assert.Equal(2, await app.ReadAsync(db => db.ContextVersions.CountAsync()));

        var page = await maya.GetAsync($"{chat}/messages/{answer.MessageId()}");
        await maya.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("form.again")!);
        await maya.LastAnswerAsync(chat);
        Assert.Equal(("system", "Talk like a pirate."), PromptTests.MessagesOf(app.LastHeard())[0]);

        await SayAsync(maya, chat, "Two");
        Assert.Equal(("system", "Talk like admiral 2."), PromptTests.MessagesOf(app.LastHeard())[0]);
    }

    [Fact]
    public async Task A_new_name_is_shown_where_the_context_came_into_force()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var pirate = await MakeAsync(maya, "Pirate", "Talk like a pirate.");
        await PressAsync(maya, $"{List}/{pirate}/default", ("whether", "yes"));
        var chat = await maya.StartChatAsync("One");
        await maya.LastAnswerAsync(chat);
        Assert.Equal(["From here: Pirate"], Marks(await maya.GetAsync(chat)));

        await EditAsync(maya, pirate, "<b>Corsair</b>", "Talk like a pirate.");

        Assert.Equal(["From here: <b>Corsair</b>"], Marks(await maya.GetAsync(chat)));
    }

    [Fact]
    public async Task Variables_are_filled_from_the_question_and_unknown_ones_stay()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await app.SqlAsync("UPDATE Users SET TimeZone = 'Pacific/Kiritimati', DisplayName = 'Maya'");
        var context = await MakeAsync(maya, "All", "{{date}}|{{ time }}|{{weekday}}|{{name}}|{{model}}|{{mood}}|{{{date}}}");
        await PressAsync(maya, $"{List}/{context}/default", ("whether", "yes"));
        var chat = await maya.StartChatAsync("One");
        var answer = await maya.LastAnswerAsync(chat);
        var first = PromptTests.MessagesOf(app.LastHeard())[0].Text;

        var asked = TimeZoneInfo.ConvertTime((await app.MessagesAsync())[0].CreatedAt, TimeZoneInfo.FindSystemTimeZoneById("Pacific/Kiritimati"));
        Assert.Equal($"{asked:yyyy-MM-dd}|{asked:HH:mm}|{asked:dddd}|Maya|gpt-6-luna|{{{{mood}}}}|{{{asked:yyyy-MM-dd}}}", first);
        app.Time.Advance(TimeSpan.FromDays(3));
        var page = await maya.GetAsync($"{chat}/messages/{answer.MessageId()}");
        await maya.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("form.again")!);
        await maya.LastAnswerAsync(chat);
        Assert.Equal(first, PromptTests.MessagesOf(app.LastHeard())[0].Text);
    }

    [Fact]
    public async Task Somebody_elses_is_as_if_it_never_was()
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var hers = await MakeAsync(maya, "Pirate", "Talk like a pirate.");
        await MakeAsync(noor, "Poet", "Answer in verse.");
        var own = (await noor.GetAsync(List)).Document.QuerySelector<IHtmlFormElement>(".context-list form")!;
        foreach (var action in (string[])["", "/delete", "/restore", "/up", "/down", "/default"])
        {
            own.SetAttribute("action", $"{List}/{hers}{action}");
            Assert.Equal(404, (await noor.SubmitAsync(own)).Status);
        }
        Assert.Equal(404, (await noor.GetAsync($"{List}/{hers}")).Status);

        var start = await noor.SubmitAsync((await noor.GetAsync("/chats")).Compose, ("text", "Mine"), ("contextId", $"{hers}"));
        Assert.Equal((422, "Mine"), (start.Status, start.Typed));
        var chat = await noor.StartChatAsync("Mine");
        await noor.LastAnswerAsync(chat);
        var settings = await noor.SubmitAsync(Settings(await noor.GetAsync(chat)), ("contextId", $"{hers}"));
        Assert.Equal(422, settings.Status);
        Assert.Equal("true", settings.Document.QuerySelector("#context")!.GetAttribute("aria-invalid"));
        Assert.Equal(["Pirate"], await NamesAsync(maya));
        Assert.DoesNotContain("pirate", app.LastHeard(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_context_that_leaves_no_room_for_the_question_is_said_before_anything_is_sent()
    {
        await using var small = await TestApp.StartAsync("OpenAI:Models=gpt-6-luna,local-model", "OpenAI:DefaultModel=local-model");
        using var maya = await small.SignInAsAsync("Maya");
        var form = (await maya.GetAsync(List)).Document.QuerySelector<IHtmlFormElement>(".context-form")!;
        await maya.SubmitAsync(form, ("name", "Long"), ("text", new string('t', ContextText.MaxLength)));
        var compose = (await maya.GetAsync("/chats")).Compose;
        var id = compose.QuerySelectorAll("[name=contextId] option")[1].GetAttribute("value")!;

        var refused = await maya.SubmitAsync(compose, ("text", new string('q', 1_000)), ("contextId", id));

        Assert.Equal(422, refused.Status);
        Assert.Contains("together with the context", refused.Notice("error"), StringComparison.Ordinal);
        Assert.Equal(id, refused.Compose.QuerySelector<IHtmlSelectElement>("[name=contextId]")!.Value);
        Assert.Equal(0, small.OpenAI.Calls.Answers);
    }

    private static IReadOnlyList<string?> Marks(Answer room) =>
        [.. room.Document.QuerySelectorAll("article[data-role=user]").Select(a => a.QuerySelector(".context-mark")?.TextContent)];

    internal static IHtmlFormElement Settings(Answer room) => room.Document.QuerySelector<IHtmlFormElement>("form.room-settings")!;

    internal static async Task<long> MakeAsync(Visitor visitor, string name, string text)
    {
        var form = (await visitor.GetAsync(List)).Document.QuerySelector<IHtmlFormElement>(".context-form")!;
        Assert.Equal(303, (await visitor.SubmitAsync(form, ("name", name), ("text", text))).Status);
        var link = (await visitor.GetAsync(List)).Document.QuerySelectorAll(".context-list a")[^1];
        Assert.Equal(name, link.TextContent);
        return long.Parse(link.GetAttribute("href")![(List.Length + 1)..]);
    }

    private static async Task EditAsync(Visitor visitor, long id, string name, string text)
    {
        var form = (await visitor.GetAsync($"{List}/{id}")).Document.QuerySelector<IHtmlFormElement>(".context-form")!;
        Assert.Equal(303, (await visitor.SubmitAsync(form, ("name", name), ("text", text))).Status);
    }

    internal static async Task<Answer> PressAsync(Visitor visitor, string action, params (string, string)[] fields)
    {
        var form = (await visitor.GetAsync(List)).Document.QuerySelector<IHtmlFormElement>($"form[action='{action}']")
            ?? throw new InvalidOperationException($"No form {action}.");
        var answer = await visitor.SubmitAsync(form, fields);
        Assert.Equal(303, answer.Status);
        return answer;
    }

    internal static async Task SwitchAsync(Visitor visitor, string chat, long context) =>
        Assert.Equal(303, (await visitor.SubmitAsync(Settings(await visitor.GetAsync(chat)), ("contextId", $"{context}"))).Status);

    private static async Task SayAsync(Visitor visitor, string chat, string text)
    {
        Assert.Equal(303, (await visitor.SayAsync(chat, text)).Status);
        await visitor.LastAnswerAsync(chat);
    }

    private static async Task<List<string>> NamesAsync(Visitor visitor) =>
        [.. (await visitor.GetAsync(List)).Document.QuerySelectorAll(".context-list > li > p:first-child a").Select(a => a.TextContent)];
}
