using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Accounts;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Accounts;

public sealed class AccountDeviceTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Each_device_is_listed_with_this_one_first()
    {
        using var there = await app.SignInAsAsync("Maya");
        using var here = await app.SignInAsAsync("Maya");
        using var other = await app.SignInAsAsync("Noor");
        var devices = await DevicesAsync(here);
        Assert.Equal(2, devices.Length);
        Assert.Contains("this device", devices[0].TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("this device", devices[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("First seen", devices[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_device_is_signed_out_and_its_stream_ends_while_the_others_stay()
    {
        using var here = await app.SignInAsAsync("Maya");
        using var second = await app.SignInAsAsync("Maya");
        using var third = await app.SignInAsAsync("Maya");
        var chat = await second.StartChatAsync("Hello");
        await second.LastAnswerAsync(chat);
        using var following = await RoomFollower.OpenAsync(second, chat);
        var secondId = await app.ReadAsync(db => db.Sessions.OrderBy(s => s.Id).Skip(1).Select(s => s.Id).FirstAsync());
        var form = (await here.GetAsync("/account")).Document.QuerySelector<IHtmlFormElement>($"form:has([name=session][value='{secondId}'])")!;

        Assert.Equal("/account?notice=device", (await here.SubmitAsync(form)).Location);

        using var limit = new CancellationTokenSource(Patience);
        while (await following.NextAsync(limit.Token) is not null) { }
        Assert.Equal(303, (await second.GetAsync("/chats")).Status);
        Assert.Equal(200, (await third.GetAsync("/chats")).Status);
        Assert.Equal(2, (await DevicesAsync(here)).Length);
        Assert.Equal(404, (await here.SubmitAsync(form)).Status);
    }

    [Fact]
    public async Task All_others_are_signed_out_and_this_one_stays()
    {
        using var here = await app.SignInAsAsync("Maya");
        using var there = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        Assert.Equal("/account?notice=others", (await PressAsync(here, "/account/others")).Location);
        Assert.Equal((200, 303, 200), ((await here.GetAsync("/chats")).Status, (await there.GetAsync("/chats")).Status, (await noor.GetAsync("/chats")).Status));
        Assert.Null((await here.GetAsync("/account")).Document.QuerySelector("form[action='/account/others']"));
    }

    [Fact]
    public async Task Everywhere_includes_here()
    {
        using var here = await app.SignInAsAsync("Maya");
        using var there = await app.SignInAsAsync("Maya");
        Assert.Equal("/signin", (await PressAsync(here, "/account/everywhere")).Location);
        Assert.Equal((303, 303), ((await here.GetAsync("/chats")).Status, (await there.GetAsync("/chats")).Status));
    }

    [Fact]
    public async Task Somebody_elses_device_does_not_exist()
    {
        using var maya = await app.SignInAsAsync("Maya");
        using var noor = await app.SignInAsAsync("Noor");
        var hers = await app.ReadAsync(db => db.Sessions.OrderBy(s => s.Id).Select(s => s.Id).FirstAsync());
        var form = (await noor.GetAsync("/account")).Document.QuerySelector<IHtmlFormElement>("form[action='/account/device']")!;
        Assert.Equal(404, (await noor.SubmitAsync(form, ("session", $"{hers}"))).Status);
        Assert.Equal(404, (await noor.SubmitAsync(form, ("session", "x"))).Status);
        Assert.Equal(200, (await maya.GetAsync("/chats")).Status);
    }

    [Fact]
    public async Task Of_many_devices_the_newest_fifty_are_shown_and_all_are_counted()
    {
        using var maya = await app.SignInAsAsync("Maya");
        await app.SqlAsync("""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
            INSERT INTO Sessions (UserId, KeyHash, Device, CreatedAt, LastSeenAt, ExpiresAt)
            SELECT s.UserId, randomblob(32), 'Device ' || i, s.CreatedAt + i, s.LastSeenAt + i, s.ExpiresAt FROM n, Sessions s
            """);
        var page = await maya.GetAsync("/account");
        Assert.Equal(50, page.Document.QuerySelectorAll(".devices > li").Length);
        Assert.Contains("The newest 50 of 61 are shown.", page.Text, StringComparison.Ordinal);
        Assert.Contains("this device", page.Document.QuerySelector(".devices > li")!.TextContent, StringComparison.Ordinal);
    }

    private static async Task<IElement[]> DevicesAsync(Visitor visitor) => [.. (await visitor.GetAsync("/account")).Document.QuerySelectorAll(".devices > li")];

    private static async Task<Answer> PressAsync(Visitor visitor, string action) =>
        await visitor.SubmitAsync((await visitor.GetAsync("/account")).Document.QuerySelector<IHtmlFormElement>($"form[action='{action}']")!);
}
