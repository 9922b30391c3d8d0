using AngleSharp.Html.Dom;
using ChatMvc.Accounts.Manage;
using ChatMvc.Tests.Chats;
using Microsoft.Extensions.DependencyInjection;

namespace ChatMvc.Tests.Accounts;

public sealed class UnsentTextTests : IAsyncLifetime
{
    private const string Words = "What I had written\nfor an hour — “all of it” 🦩";
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_sent_after_the_session_ended_comes_back_into_its_rooms_box_unsent(bool byHtmx)
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("Hello");
        await maya.LastAnswerAsync(chat);
        var compose = (await maya.GetAsync(chat)).Compose;
        await EndSessionsAsync();

        var refused = byHtmx ? await maya.SubmitByHtmxAsync(compose, ("text", Words)) : await maya.SubmitAsync(compose, ("text", Words));

        var signIn = $"/signin?returnUrl={Uri.EscapeDataString(chat)}";
        Assert.Equal(byHtmx ? (401, signIn) : (303, signIn), (refused.Status, byHtmx ? refused.Header("HX-Redirect") : refused.Location));
        await maya.SignInAsync(TestApp.PhoneOf("Maya"));
        var page = await maya.GetAsync(chat);
        Assert.Equal(Words, page.Typed);
        Assert.Single(page.Questions);
        // Sent at last, it is gone from the box.
        Assert.Equal(303, (await maya.SubmitAsync(page.Compose)).Status);
        page = await maya.GetAsync(chat);
        Assert.Equal("", page.Typed);
        Assert.Equal(2, page.Questions.Count);
    }

    [Fact]
    public async Task The_first_message_of_a_new_chat_comes_back_as_well()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var compose = (await maya.GetAsync("/chats")).Compose;
        await EndSessionsAsync();
        Assert.Equal("/signin?returnUrl=%2Fchats", (await maya.SubmitAsync(compose, ("text", Words))).Location);
        await maya.SignInAsync(TestApp.PhoneOf("Maya"));
        Assert.Equal(Words, (await maya.GetAsync("/chats")).Typed);
        Assert.Equal(303, (await maya.SubmitAsync((await maya.GetAsync("/chats")).Compose)).Status);
        Assert.Equal("", (await maya.GetAsync("/chats")).Typed);
    }

    [Fact]
    public async Task It_comes_back_also_where_the_cookie_went_before_the_text_was_sent()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var compose = (await maya.GetAsync("/chats")).Compose;
        await EndSessionsAsync();
        await maya.GetAsync("/chats");
        Assert.Null(maya.Cookies.GetCookies(app.Address)["chat"]);
        await maya.SubmitAsync(compose, ("text", Words));
        await maya.SignInAsync(TestApp.PhoneOf("Maya"));
        Assert.Equal(Words, (await maya.GetAsync("/chats")).Typed);
    }

    [Fact]
    public async Task It_comes_back_to_a_form_that_says_nothing_of_its_owner_while_the_cookie_does()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await EndSessionsAsync();
        await maya.SendAsync(HttpMethod.Post, "/chats", new() { ["text"] = Words }, []);
        await maya.SignInAsync(TestApp.PhoneOf("Maya"));
        Assert.Equal(Words, (await maya.GetAsync("/chats")).Typed);
    }

    [Fact]
    public async Task Nobody_else_sees_it_who_signs_in_on_that_browser()
    {
        using var browser = await app.SignInAsAsync("Maya");
        var compose = (await browser.GetAsync("/chats")).Compose;
        await EndSessionsAsync();
        await browser.SubmitAsync(compose, ("text", Words));
        await browser.SignInAsync(TestApp.PhoneOf("Noor"));
        Assert.Equal("", (await browser.GetAsync("/chats")).Typed);
    }

    [Fact]
    public async Task The_longest_message_is_kept_and_a_longer_one_is_not()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var compose = (await maya.GetAsync("/chats")).Compose;
        await EndSessionsAsync();
        var longest = string.Concat(Enumerable.Repeat("é\r\n", 16_000));
        Assert.Equal(303, (await maya.SubmitAsync(compose, ("text", longest))).Status);
        Assert.Equal(303, (await maya.SubmitAsync(compose, ("text", longest + "x"))).Status);
        await maya.SignInAsync(TestApp.PhoneOf("Maya"));
        Assert.Equal(32_000, (await maya.GetAsync("/chats")).Typed.Length);
    }

    [Fact]
    public async Task It_lies_encrypted_for_its_owner_alone_and_is_forgotten_after_a_day()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var compose = (await maya.GetAsync("/chats")).Compose;
        await EndSessionsAsync();
        await maya.SubmitAsync(compose, ("text", "pelican"));
        var file = Assert.Single(Directory.GetFiles(Path.Combine(app.Folder, "unsent")));
        Assert.DoesNotContain("pelican", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        app.Time.Advance(TimeSpan.FromHours(25));
        await maya.SignInAsync(TestApp.PhoneOf("Maya"));
        Assert.Equal("", (await maya.GetAsync("/chats")).Typed);
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AccountUpkeep>().RunAsync("", CancellationToken.None);
        Assert.Empty(Directory.GetFiles(Path.Combine(app.Folder, "unsent")));
    }

    [Fact]
    public async Task A_stranger_leaves_nothing_behind()
    {
        using var stranger = new Visitor(app.Address);
        Assert.Equal(303, (await stranger.SendAsync(HttpMethod.Post, "/chats", new() { ["text"] = Words, ["owner"] = "1" }, [])).Status);
        Assert.Equal(303, (await stranger.SendAsync(HttpMethod.Post, "/chats", new() { ["text"] = new string('x', 1_100_000) }, [])).Status);
        Assert.False(Directory.Exists(Path.Combine(app.Folder, "unsent")) && Directory.GetFiles(Path.Combine(app.Folder, "unsent")).Length > 0);
    }

    private Task<int> EndSessionsAsync() => app.SqlAsync($"UPDATE Sessions SET RevokedAt = {app.Time.GetUtcNow().ToUnixTimeMilliseconds()}");
}
