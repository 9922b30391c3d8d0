using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Accounts;
using ChatMvc.Accounts.Manage;
using ChatMvc.Sms;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Accounts;

public sealed class AccountDeletionTests : IAsyncLifetime
{
    private const string Page = "/account/delete";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string Phone = TestApp.PhoneOf("Maya");
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Deleting_asks_for_a_fresh_code_and_then_nothing_is_left_of_the_person()
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var elsewhere = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var context = await ContextTests.MakeAsync(maya, "Bird", "You are a pelican.");
        await ContextTests.PressAsync(maya, $"/contexts/{context}/default", ("whether", "yes"));
        var chat = await maya.StartChatAsync("My secret is a pelican");
        await maya.LastAnswerAsync(chat);
        var hers = await noor.StartChatAsync("I stay");
        await noor.LastAnswerAsync(hers);
        using var following = await RoomFollower.OpenAsync(elsewhere, chat);
        var safetyKey = await app.ReadAsync(db => db.Users.Where(u => u.Phone == Phone).Select(u => u.SafetyKey).SingleAsync());

        var gone = await DeleteAsync(maya);

        Assert.Equal((303, "/?notice=deleted"), (gone.Status, gone.Location));
        Assert.Contains("Your account is deleted.", (await maya.GetAsync(gone.Location!)).Notice("info"), StringComparison.Ordinal);
        using var limit = new CancellationTokenSource(Patience);
        while (await following.NextAsync(limit.Token) is not null) { }
        Assert.Equal((303, 303), ((await maya.GetAsync("/chats")).Status, (await elsewhere.GetAsync("/chats")).Status));
        await RemovedAsync();
        Assert.Equal(1, await app.ReadAsync(db => db.Chats.CountAsync()));
        Assert.Equal((0, 0), (await app.ReadAsync(db => db.Contexts.CountAsync()), await app.ReadAsync(db => db.ContextVersions.CountAsync())));
        Assert.DoesNotContain(await app.MessagesAsync(), m => m.Text!.Contains("pelican", StringComparison.Ordinal));
        var left = await app.ReadAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.DeletedAt != null));
        Assert.Equal((null, null, null), (left.DisplayName, left.TimeZone, left.PasswordHash));
        Assert.NotEqual(safetyKey, left.SafetyKey);
        Assert.DoesNotContain(Phone[1..], left.Phone, StringComparison.Ordinal);
        Assert.Equal(0, await app.ReadAsync(db => db.SmsMessages.CountAsync(s => s.To == Phone)));
        Assert.NotEqual(0, await app.ReadAsync(db => db.SmsMessages.CountAsync(s => s.To == "")));
        Assert.Equal(200, (await noor.GetAsync(hers)).Status);
        Assert.Equal("ok", await app.IntegrityAsync());
        // What the limits look back on goes within a day.
        app.Time.Advance(TimeSpan.FromHours(25));
        await UpkeepAsync();
        Assert.Equal(0, await app.ReadAsync(db => db.OneTimeCodes.CountAsync(c => c.Phone == Phone && c.RedeemedAt != null)));
        Assert.Equal(1, await app.ReadAsync(db => db.OneTimeCodes.CountAsync(c => c.RedeemedAt != null)));
    }

    [Fact]
    public async Task The_books_stay_without_the_person()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartChatAsync("Hello"));
        var before = (await app.AnswerRequestsAsync()).Count;
        await DeleteAsync(maya);
        await RemovedAsync();
        Assert.Equal(before, (await app.AnswerRequestsAsync()).Count);
        Assert.Equal(1, await app.ReadAsync(db => db.AllowanceUses.CountAsync()));
    }

    [Fact]
    public async Task The_same_number_begins_anew_at_once_but_without_a_fresh_allowance_until_the_window_is_over()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("One");
        await maya.LastAnswerAsync(chat);
        await maya.SayAsync(chat, "Two");
        await maya.LastAnswerAsync(chat);
        Assert.Equal(3, (await maya.GetAsync(chat)).Left);
        await DeleteAsync(maya);

        using var again = await app.SignInAsAsync("Maya");

        var start = await again.GetAsync("/chats");
        Assert.Equal(3, start.Left);
        Assert.Empty(start.Document.QuerySelectorAll(".chats li"));
        Assert.Equal(404, (await again.GetAsync(chat)).Status);
        // And once more: what was carried over is carried on.
        app.Time.Advance(TimeSpan.FromMinutes(1));
        await DeleteAsync(again);
        using var third = await app.SignInAsAsync("Maya");
        Assert.Equal(3, (await third.GetAsync("/chats")).Left);
        app.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(5, (await third.GetAsync("/chats")).Left);
    }

    [Fact]
    public async Task Former_uses_are_forgotten_after_their_window_and_name_nobody()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartChatAsync("One"));
        await DeleteAsync(maya);
        var key = await File.ReadAllBytesAsync(Path.Combine(app.Folder, "keys", "phone-mac.key"));
        Assert.Equal(32, key.Length);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(app.Folder, "keys", "phone-mac.key")));
        Assert.Equal(1, await app.ReadAsync(db => db.FormerUses.CountAsync()));
        app.Time.Advance(TimeSpan.FromDays(1));
        await UpkeepAsync();
        Assert.Equal(0, await app.ReadAsync(db => db.FormerUses.CountAsync()));
    }

    [Fact]
    public async Task An_answer_that_is_being_written_is_ended_and_what_waits_never_begins()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "First words and then a silence.", HangAfterTokens = 3, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("Tell me a long story");
        await maya.AnswerInStateAsync(chat, "streaming");
        await maya.SayAsync(chat, "And another one");
        await DeleteAsync(maya);
        await RemovedAsync();
        Assert.Empty(await app.MessagesAsync());
        Assert.Single(await app.AnswerRequestsAsync());
    }

    [Fact]
    public async Task A_wrong_code_deletes_nothing_and_a_code_to_sign_in_is_none_to_delete()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var digits = await AskAsync(maya);
        var wrong = await TypeAsync(maya, digits == "123456" ? "654321" : "123456");
        Assert.Equal(422, wrong.Status);
        Assert.Contains("That is not the code.", wrong.Error, StringComparison.Ordinal);
        Assert.Equal(422, (await TypeAsync(maya, "12")).Status);
        Assert.Equal(200, (await maya.GetAsync("/chats")).Status);
        Assert.Null(await app.ReadAsync(db => db.Users.Select(u => u.DeletedAt).SingleAsync()));
        app.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(422, (await TypeAsync(maya, digits)).Status);
        Assert.Equal(200, (await maya.GetAsync("/chats")).Status);
    }

    [Fact]
    public async Task A_code_asked_for_by_one_person_deletes_nobody_else_on_the_same_browser()
    {
        using var browser = await app.SignInAsAsync("Maya");
        var digits = await AskAsync(browser);
        var page = await browser.GetAsync("/signout");
        await browser.SubmitAsync(page.Document.QuerySelector<IHtmlFormElement>("form")!);
        await browser.SignInAsync(TestApp.PhoneOf("Noor"));
        var token = (await browser.GetAsync(Page)).Document.QuerySelector<IHtmlInputElement>("[name=__RequestVerificationToken]")!.Value;
        var refused = await browser.SendAsync(HttpMethod.Post, Page, new() { ["code"] = digits, ["__RequestVerificationToken"] = token }, []);
        Assert.Equal(422, refused.Status);
        Assert.Equal(0, await app.ReadAsync(db => db.Users.CountAsync(u => u.DeletedAt != null)));
    }

    [Fact]
    public async Task Too_many_codes_are_refused_with_the_time_to_wait()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await AskAsync(maya);
        var refused = await maya.SubmitAsync((await maya.GetAsync(Page)).Document.QuerySelector<IHtmlFormElement>("form.again")!);
        Assert.Equal(429, refused.Status);
        Assert.InRange(refused.RetryAfter, 1, 3600);
        Assert.Contains("You can ask for the next one", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removal_whose_job_was_lost_is_taken_up_by_the_upkeep()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await maya.LastAnswerAsync(await maya.StartChatAsync("Hello"));
        await app.SqlAsync("UPDATE Users SET DeletedAt = 1, Phone = 'deleted-1'");
        await UpkeepAsync();
        await RemovedAsync();
        Assert.Empty(await app.MessagesAsync());
    }

    [Fact]
    public async Task Deleting_does_not_begin_the_limits_of_text_messages_anew()
    {
        using var maya = await app.SignInAsAsync("Maya");
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(303, (await DeleteAsync(maya)).Status);
            await maya.SignInAsync(Phone);
        }
        // What the limits count by the number, by the address and by the day is all still there.
        Assert.Equal(5, await app.ReadAsync(db => db.OneTimeCodes.CountAsync(c => c.Phone == Phone && c.RedeemedAt != null)));
        Assert.Equal(5, await app.ReadAsync(db => db.SmsMessages.CountAsync(s => s.State != SmsState.Withheld)));
    }

    private async Task<Answer> DeleteAsync(Visitor visitor) => await TypeAsync(visitor, await AskAsync(visitor));

    private static async Task<string> AskAsync(Visitor visitor)
    {
        var asked = await visitor.SubmitAsync((await visitor.GetAsync(Page)).Document.QuerySelector<IHtmlFormElement>($"form[action='{Page}']")!);
        Assert.True(asked.Status == 303, $"Status {asked.Status}:\n{asked.Text}");
        return (await visitor.GetAsync(asked.Location!)).Document.QuerySelector("#sandbox-code")!.TextContent;
    }

    private static async Task<Answer> TypeAsync(Visitor visitor, string digits)
    {
        var page = await visitor.GetAsync(Page);
        var token = page.Document.QuerySelector<IHtmlInputElement>("[name=__RequestVerificationToken]")!.Value;
        return await visitor.SendAsync(HttpMethod.Post, Page, new() { ["code"] = digits, ["__RequestVerificationToken"] = token }, []);
    }

    private Task RemovedAsync() => Rooms.EventuallyAsync(
        async () => !await app.ReadAsync(db => db.Sessions.AnyAsync(s => s.User.DeletedAt != null)), "the removal is finished");

    private async Task UpkeepAsync()
    {
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AccountUpkeep>().RunAsync("", CancellationToken.None);
    }
}
