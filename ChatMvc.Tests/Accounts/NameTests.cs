using ChatMvc.Accounts;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Accounts;

public sealed class NameTests
{
    private const string Maya = "+12125550101";

    [Fact]
    public async Task A_name_is_asked_for_once_where_the_chats_are()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        Assert.NotNull((await maya.GetAsync("/chats")).Document.QuerySelector("form[action='/account/name'] [name=displayName]"));
        var given = await maya.PostAsync("/account/name", ("displayName", "  Maya Åkesson "));
        Assert.Equal((303, "/chats"), (given.Status, given.Location));
        Assert.Null((await maya.GetAsync("/chats")).Document.QuerySelector("[name=displayName]"));
        Assert.Equal("Maya Åkesson", await NameAsync(app));
        using var laptop = app.Browser();
        await laptop.SignInAsync(Maya);
        Assert.Null((await laptop.GetAsync("/chats")).Document.QuerySelector("[name=displayName]"));
    }

    [Fact]
    public async Task Whoever_skips_it_is_not_asked_again()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        var skip = (await maya.GetAsync("/chats")).Document.QuerySelector("form[action='/account/name'] button[name=skip]")!;
        Assert.True(skip.HasAttribute("formnovalidate"));
        Assert.Equal(303, (await maya.PostAsync("/account/name", ("displayName", ""), ("skip", skip.GetAttribute("value")!))).Status);
        Assert.Null((await maya.GetAsync("/chats")).Document.QuerySelector("[name=displayName]"));
        Assert.Null(await NameAsync(app));
    }

    [Fact]
    public async Task A_name_that_cannot_be_comes_back_with_the_reason()
    {
        await using var app = await AccountApp.StartAsync();
        using var maya = app.Browser();
        await maya.SignInAsync(Maya);
        var refused = await maya.PostAsync("/account/name", ("displayName", "Ma\u202eya"));
        Assert.Equal(422, refused.Status);
        Assert.Equal(TypedName.NotAName, refused.Error);
        var field = refused.Document.QuerySelector("[name=displayName]")!;
        Assert.Equal(("true", "name-error"), (field.GetAttribute("aria-invalid"), field.GetAttribute("aria-describedby")));
        Assert.Equal("Ma\u202eya", field.GetAttribute("value"));
        Assert.NotNull((await maya.GetAsync("/chats")).Document.QuerySelector("[name=displayName]"));
    }

    [Fact]
    public async Task A_stranger_has_no_name_to_give()
    {
        await using var app = await AccountApp.StartAsync();
        using var stranger = app.Browser();
        var answer = await stranger.PostAsync("/account/name", ("displayName", "Maya"));
        Assert.Equal(303, answer.Status);
        Assert.StartsWith("/signin", answer.Location, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Maya")]
    [InlineData("李小龍")]
    [InlineData("محمد")]
    [InlineData("می‌خواهم")]
    [InlineData("👩‍👩‍👧 family")]
    [InlineData("O’Brien-Smith, Jr.")]
    [InlineData("123456789012345678901234567890123456789012345678901234567890")]
    public void Names_of_all_scripts_are_names(string typed) => Assert.True(TypedName.TryRead(typed, out _));

    [Theory]
    [InlineData(null)]
    [InlineData("   ")]
    [InlineData("a\tb")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\u200bb")]
    [InlineData("\u202eevil")]
    [InlineData("a\u2028b")]
    [InlineData("\u200d\u200c")]
    [InlineData("a\ue000b")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901")]
    public void What_cannot_be_seen_is_no_name(string? typed) => Assert.False(TypedName.TryRead(typed, out _));

    // Not a row of the above: attributes keep no half of a pair.
    [Fact]
    public void Half_a_character_is_no_name() => Assert.False(TypedName.TryRead("Maya\ud83d", out _));

    private static Task<string?> NameAsync(AccountApp app) => app.ReadAsync(db => db.Users.Select(u => u.DisplayName).SingleAsync());
}
