using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Operators.InForce;
using ChatMvc.Tests.Chats;

namespace ChatMvc.Tests.Operators;

/// <summary>A banner for everybody, and maintenance: what was accepted ends, and nothing new is taken.</summary>
public sealed class MaintenanceTests : IAsyncLifetime
{
    private const string Why = "We move to a larger machine until 18:00.";
    private const string Typed = "Keep these <words> of mine";

    private TestApp app = null!;
    private Visitor olga = null!;

    public async Task InitializeAsync()
    {
        app = await Ops.StartAsync();
        olga = await app.SignInAsOperatorAsync();
    }

    public async Task DisposeAsync()
    {
        olga.Dispose();
        await app.DisposeAsync();
    }

    [Fact]
    public async Task New_messages_are_refused_with_their_text_kept_and_running_answers_end()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var hold = app.OpenAI.WillHoldAfter(1);
        var chat = await maya.StartChatAsync("What is bread?");
        await maya.AnswerInStateAsync(chat, "streaming");
        await BeginAsync();
        var messages = (await app.MessagesAsync()).Count;

        var room = await maya.GetAsync(chat);
        Assert.Contains(Why, room.Notice("closed"), StringComparison.Ordinal);
        var refused = await maya.SubmitAsync(room.Compose, ("text", Typed));
        Assert.Equal((503, Typed, "300"), (refused.Status, refused.Typed, refused.Header("Retry-After")));
        Assert.Contains(Why, refused.Notice("error"), StringComparison.Ordinal);
        Assert.Null(refused.Notice("closed"));
        var part = await maya.SubmitByHtmxAsync(room.Compose, ("text", Typed));
        Assert.Equal(503, part.Status);
        Assert.Empty(HtmxParts.Apply(room.Document, part.Text));
        Assert.Contains(Why, room.Notice("error"), StringComparison.Ordinal);
        Assert.Equal(Typed, room.Typed);
        var start = await maya.GetAsync("/chats");
        Assert.NotNull(start.Notice("closed"));
        Assert.Equal((503, Typed), await StatusAsync(maya.SubmitAsync(start.Compose, ("text", Typed))));

        hold.SetResult();
        Assert.Equal("done", (await maya.LastAnswerAsync(chat)).State());
        room = await maya.GetAsync(chat);
        foreach (var (message, deed) in new[] { (room.Answers[0], "regenerate"), (room.Questions[0], "edit") })
        {
            var page = await maya.GetAsync($"{chat.Split('#')[0]}/messages/{message.MessageId()}");
            var form = page.Document.QuerySelector<IHtmlFormElement>($"form[action$='/{deed}']")!;
            var answer = await maya.SubmitAsync(form, ("text", Typed));
            Assert.Equal((deed, 503), (deed, answer.Status));
            Assert.Contains(Why, answer.Notice("error"), StringComparison.Ordinal);
            if (deed == "edit") Assert.Equal(Typed, answer.Document.QuerySelector("#edit textarea")!.TextContent);
        }
        Assert.Equal(messages, (await app.MessagesAsync()).Count);

        await EndAsync();
        Assert.Null((await maya.GetAsync(chat)).Notice("closed"));
        Assert.Equal(303, (await maya.SayAsync(chat, Typed)).Status);
    }

    [Fact]
    public async Task What_was_sent_before_is_found_again_and_operators_go_on()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var form = (await maya.GetAsync("/chats")).Compose;
        var sent = await maya.SubmitAsync(form, ("text", "Hello"));
        await BeginAsync();
        Assert.Equal((303, sent.Location), await WhereAsync(maya.SubmitAsync(form, ("text", "Hello"))));
        Assert.Equal("done", (await olga.LastAnswerAsync(await olga.StartChatAsync("Does it work?"))).State());
    }

    [Fact]
    public async Task No_account_is_opened_and_whoever_has_one_signs_in()
    {
        using (await app.SignInAsAsync("Maya")) { }
        await BeginAsync();
        using var again = await app.SignInAsAsync("Maya");
        Assert.Equal(200, (await again.GetAsync("/chats")).Status);

        using var ben = new Visitor(app.Address);
        var page = await ben.GetAsync("/signin");
        Assert.Contains(Why, page.Notice("closed"), StringComparison.Ordinal);
        var asked = await ben.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("form:has([name=phone])")!, ("phone", TestApp.PhoneOf("Ben")));
        var refused = await TypeAsync(ben, asked.Location!);
        Assert.Equal((503, "300"), (refused.Status, refused.Header("Retry-After")));
        Assert.Contains(Why, refused.Notice("error"), StringComparison.Ordinal);
        Assert.Equal(303, (await ben.GetAsync("/chats")).Status);
        Assert.False(await app.ReadAsync(db => Task.FromResult(db.Users.Any(u => u.Phone == TestApp.PhoneOf("Ben")))));

        await EndAsync();
        app.Time.Advance(TimeSpan.FromMinutes(10));
        using var later = await app.SignInAsAsync("Ben");
        Assert.Equal(200, (await later.GetAsync("/chats")).Status);
    }

    [Fact]
    [FindsInAuditLog(typeof(SettingsModel), nameof(SettingsModel.OnPostMaintenanceAsync))]
    public async Task Its_beginning_and_its_end_are_written_down_and_it_needs_words()
    {
        var page = await olga.GetAsync("/ops/settings");
        Assert.Equal(422, (await olga.SubmitAsync(MaintenanceForm(page), ("words", " \u200b\n"), ("to", "on"))).Status);
        var refused = await olga.SubmitAsync(MaintenanceForm(page), ("words", new string('x', 301)), ("to", "on"));
        Assert.Equal((422, 301), (refused.Status, refused.Document.QuerySelector("#maintenance")!.TextContent.Length));

        await BeginAsync();
        var deed = await app.LastDeedAsync();
        Assert.Equal(("begin maintenance", "server maintenance", null, Why), (deed.Action, deed.Subject, deed.Before, deed.After));
        Assert.NotNull((await olga.GetAsync("/ops")).Document.QuerySelector("[data-alarm=maintenance]"));
        await EndAsync();
        deed = await app.LastDeedAsync();
        Assert.Equal(("end maintenance", Why, null), (deed.Action, deed.Before, deed.After));
    }

    [Fact]
    [FindsInAuditLog(typeof(SettingsModel), nameof(SettingsModel.OnPostBannerAsync))]
    public async Task A_banner_stands_on_every_page_as_plain_text_until_it_is_cleared()
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var stranger = new Visitor(app.Address);
        var chat = await maya.StartChatAsync("Hello");
        var form = (await olga.GetAsync("/ops/settings")).Document.QuerySelector<IHtmlFormElement>("form[action='/ops/settings/banner']")!;
        Assert.Equal(422, (await olga.SubmitAsync(form, ("text", new string('x', 301)))).Status);

        Assert.Equal(303, (await olga.SubmitAsync(form, ("text", "New <b>models</b>\r\n\u202e today"))).Status);
        Assert.Equal(("set banner", "New <b>models</b> today"), ((await app.LastDeedAsync()).Action, (await app.LastDeedAsync()).After));
        foreach (var (visitor, path) in new[] { (maya, chat), (maya, "/chats"), (maya, "/account"), (maya, "/nowhere"), (stranger, "/"), (stranger, "/signin"), (olga, "/ops") })
            Assert.Equal((path, "New <b>models</b> today"), (path, (await visitor.GetAsync(path)).Document.QuerySelector(".banner")?.TextContent));

        await olga.SubmitAsync(form, ("text", " "));
        Assert.Equal("clear banner", (await app.LastDeedAsync()).Action);
        Assert.DoesNotContain("banner", (await maya.GetAsync(chat)).Text, StringComparison.Ordinal);
    }

    private async Task BeginAsync() => Assert.Equal(303, (await olga.SubmitAsync(MaintenanceForm(await olga.GetAsync("/ops/settings")), ("words", Why), ("to", "on"))).Status);

    private async Task EndAsync() => Assert.Equal(303, (await olga.SubmitAsync(MaintenanceForm(await olga.GetAsync("/ops/settings")), ("to", "off"))).Status);

    private static IHtmlFormElement MaintenanceForm(Answer page) => page.Document.QuerySelector<IHtmlFormElement>("form[action='/ops/settings/maintenance']")!;

    private static async Task<Answer> TypeAsync(Visitor visitor, string path)
    {
        var page = await visitor.GetAsync(path);
        await Rooms.EventuallyAsync(async () => (page = await visitor.GetAsync(path)).Document.QuerySelector("#sandbox-code") is not null, "the code came");
        return await visitor.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("form:has([name=code])")!, ("code", page.Document.QuerySelector("#sandbox-code")!.TextContent));
    }

    private static async Task<(int, string?)> StatusAsync(Task<Answer> answer) => ((await answer).Status, (await answer).Typed);

    private static async Task<(int, string?)> WhereAsync(Task<Answer> answer) => ((await answer).Status, (await answer).Location);
}
