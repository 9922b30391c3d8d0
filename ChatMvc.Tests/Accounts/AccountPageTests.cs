using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Accounts;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Accounts;

public sealed class AccountPageTests : IAsyncLifetime
{
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Every_page_with_a_rail_leads_to_the_account()
    {
        using var maya = await app.SignInAsAsync("Maya");
        Assert.NotNull((await maya.GetAsync("/chats")).Document.QuerySelector(".rail a[href='/account']"));
        Assert.Equal(200, (await maya.GetAsync("/account")).Status);
        Assert.Equal(404, (await maya.GetAsync("/account/nothing")).Status);
        using var stranger = new Visitor(app.Address);
        Assert.Equal("/signin?returnUrl=%2Faccount", (await stranger.GetAsync("/account")).Location);
    }

    [Fact]
    public async Task A_name_is_kept_and_can_be_taken_away()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var saved = await SaveAsync(maya, ("displayName", "  Maya 🧑‍🚀 می‌خواهم "));
        Assert.Equal((303, "/account?notice=saved"), (saved.Status, saved.Location));
        var page = await maya.GetAsync(saved.Location!);
        Assert.Equal("Your changes are saved.", page.Notice("info"));
        Assert.Equal("Maya 🧑‍🚀 می‌خواهم", page.Document.QuerySelector<IHtmlInputElement>("[name=displayName]")!.Value);
        Assert.Equal(303, (await SaveAsync(maya, ("displayName", " "))).Status);
        Assert.Null((await UserAsync()).DisplayName);
    }

    [Theory]
    [InlineData("Maya\u202egpj")]
    [InlineData("Maya\u0007")]
    [InlineData("Maya\u200b")]
    [InlineData("\u200d\u200c")]
    [InlineData("Maya\nRoot")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901")]
    public async Task A_name_that_deceives_or_is_too_long_is_refused_and_stays_in_its_field(string name)
    {
        using var maya = await app.SignInAsAsync("Maya");
        var refused = await SaveAsync(maya, ("displayName", name), ("theme", "dark"));
        Assert.Equal(422, refused.Status);
        Assert.Contains("1 to 60 characters that can be seen", refused.Error, StringComparison.Ordinal);
        Assert.Equal("true", refused.Document.QuerySelector("[name=displayName]")!.GetAttribute("aria-invalid"));
        Assert.Equal("dark", refused.Document.QuerySelector<IHtmlSelectElement>("[name=theme]")!.Value);
        Assert.Equal((null, Theme.System), ((await UserAsync()).DisplayName, (await UserAsync()).Theme));
    }

    [Theory]
    [InlineData("Pacific/Auckland")]
    [InlineData("Asia/Calcutta")]
    [InlineData("Etc/GMT+5")]
    public async Task Any_time_zone_with_an_IANA_name_is_taken_and_stays_among_the_options(string zone)
    {
        using var maya = await app.SignInAsAsync("Maya");
        Assert.Equal(303, (await SaveAsync(maya, ("timeZone", zone))).Status);
        var list = (await maya.GetAsync("/account")).Document.QuerySelector<IHtmlSelectElement>("[name=timeZone]")!;
        Assert.Equal(zone, list.Value);
        Assert.True(list.QuerySelectorAll("optgroup").Length > 5);
        Assert.Null(list.QuerySelector("option[value='']"));
    }

    [Theory]
    [InlineData("Middle/Earth")]
    [InlineData("../../etc/passwd")]
    [InlineData("europe/berlin\n")]
    public async Task A_time_zone_that_never_was_is_refused(string zone)
    {
        using var maya = await app.SignInAsAsync("Maya");
        var refused = await SaveAsync(maya, ("timeZone", zone));
        Assert.Equal(422, refused.Status);
        Assert.Contains("not known here", refused.Error, StringComparison.Ordinal);
        Assert.Null((await UserAsync()).TimeZone);
    }

    [Fact]
    public async Task Times_are_shown_in_the_persons_zone()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("Hello");
        await maya.LastAnswerAsync(chat);
        Assert.Equal(303, (await SaveAsync(maya, ("timeZone", "UTC"))).Status);
        var there = await StampAsync();
        await SaveAsync(maya, ("timeZone", "Pacific/Kiritimati"));
        var here = await StampAsync();
        Assert.Equal(there.Machine, here.Machine);
        Assert.NotEqual(there.Words, here.Words);

        async Task<(string Words, string Machine)> StampAsync()
        {
            var stamp = (await maya.GetAsync(chat)).Document.QuerySelector(".message-time time")!;
            return (stamp.TextContent, stamp.GetAttribute("datetime")!);
        }
    }

    [Fact]
    public async Task The_browsers_zone_is_taken_once_and_only_where_none_is_set()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var page = await maya.GetAsync("/account");
        Assert.Equal("unknown", page.Document.DocumentElement.GetAttribute("data-zone"));
        Assert.Equal(204, await GuessAsync("Middle/Earth"));
        Assert.Null((await UserAsync()).TimeZone);
        Assert.Equal(204, await GuessAsync("Europe/Berlin"));
        Assert.Equal(204, await GuessAsync("Asia/Tokyo"));
        Assert.Equal("Europe/Berlin", (await UserAsync()).TimeZone);
        Assert.False((await maya.GetAsync("/chats")).Document.DocumentElement.HasAttribute("data-zone"));

        async Task<int> GuessAsync(string zone) => (await maya.SendAsync(HttpMethod.Post, "/account/zone",
            new() { ["timeZone"] = zone, ["__RequestVerificationToken"] = page.Document.QuerySelector<IHtmlInputElement>("[name=__RequestVerificationToken]")!.Value }, [])).Status;
    }

    [Theory]
    [InlineData("dark", "dark", "dark")]
    [InlineData("light", "light", "light")]
    [InlineData("system", null, "light dark")]
    public async Task A_chosen_theme_stands_on_every_page_from_its_first_byte(string theme, string? attribute, string scheme)
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("Hello");
        var answer = await maya.LastAnswerAsync(chat);
        Assert.Equal(303, (await SaveAsync(maya, ("theme", theme))).Status);
        foreach (var path in (string[])["/account", "/chats", chat, "/signout", "/nothing", $"{chat}/messages/{answer.MessageId()}/live"])
        {
            var page = (await maya.GetAsync(path)).Document;
            Assert.Equal(attribute, page.DocumentElement.GetAttribute("data-theme"));
            Assert.Equal(scheme, page.QuerySelector("meta[name=color-scheme]")!.GetAttribute("content"));
        }
        using var stranger = new Visitor(app.Address);
        Assert.False((await stranger.GetAsync("/signin")).Document.DocumentElement.HasAttribute("data-theme"));
    }

    [Fact]
    public async Task A_theme_that_is_none_of_the_three_is_refused()
    {
        using var maya = await app.SignInAsAsync("Maya");
        Assert.Equal(422, (await SaveAsync(maya, ("theme", "Dark\" onload=\"x"))).Status);
        Assert.Equal(Theme.System, (await UserAsync()).Theme);
    }

    private static async Task<Answer> SaveAsync(Visitor visitor, params (string, string)[] fields) =>
        await visitor.SubmitAsync((await visitor.GetAsync("/account")).Document.QuerySelector<IHtmlFormElement>("form[action='/account']")!, fields);

    private Task<User> UserAsync() => app.ReadAsync(db => db.Users.AsNoTracking().SingleAsync());
}
