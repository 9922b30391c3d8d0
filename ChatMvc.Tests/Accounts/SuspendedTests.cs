using ChatMvc.Accounts;
using static ChatMvc.Tests.Accounts.PasswordApp;

namespace ChatMvc.Tests.Accounts;

/// <summary>What the door says to who is suspended, and what it says to strangers.</summary>
public sealed class SuspendedTests
{
    private const string Maya = "+12125550101";
    private const string Nobody = "+12125550103";

    [Fact]
    public async Task A_right_password_leads_to_the_words_and_a_wrong_one_is_answered_as_for_anybody()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        await app.WriteAsync("UPDATE Users SET SuspendedAt = 1");
        using var browser = app.Browser();
        var wrong = await browser.TypePasswordAsync(Maya, Wrong);
        var stranger = await browser.TypePasswordAsync(Nobody, Wrong);
        Assert.Equal((422, stranger.Error), (wrong.Status, wrong.Error));

        var right = await browser.TypePasswordAsync(Maya, Good);

        Assert.Equal((303, SuspendedModel.Here), (right.Status, right.Location));
        Assert.Equal(303, (await browser.GetAsync("/me")).Status);
        await app.WriteAsync("UPDATE Users SET SuspendedAt = NULL");
        Assert.Equal("/chats", (await browser.TypePasswordAsync(Maya, Good)).Location);
    }

    [Fact]
    public async Task A_code_resets_no_password_of_who_is_suspended()
    {
        await using var app = await AccountApp.StartAsync();
        await app.HaveAsync(Maya);
        await app.WriteAsync("UPDATE Users SET SuspendedAt = 1");
        var before = await app.HashOfAsync(Maya);
        using var browser = app.Browser();
        await browser.PostAsync("/password/forgot", ("phone", Maya));

        var reset = await browser.PostAsync("/password/reset", ("code", await browser.ResetCodeAsync()), ("password", "seven green kettles"));

        Assert.Equal((303, SuspendedModel.Here), (reset.Status, reset.Location));
        Assert.Equal(before, await app.HashOfAsync(Maya));
        Assert.Equal(303, (await browser.GetAsync("/me")).Status);
    }
}
