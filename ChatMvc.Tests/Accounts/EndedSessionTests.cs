using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Tests.Chats;

namespace ChatMvc.Tests.Accounts;

public sealed class EndedSessionTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await TestApp.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Signing_out_ends_the_streams_of_that_device_and_no_other()
    {
        using var here = await app.SignInAsAsync("Maya");
        using var there = await app.SignInAsAsync("Maya");
        var chat = await here.StartChatAsync("Hello");
        await here.LastAnswerAsync(chat);
        using var following = await RoomFollower.OpenAsync(here, chat);
        using var other = await RoomFollower.OpenAsync(there, chat);

        await SignOutAsync(here);

        await EndsAsync(following);
        await there.SayAsync(chat, "Are you there?");
        await other.UntilAsync(f => f.Page.QuerySelectorAll("article[data-role=assistant]").Length == 2 && f.State == "done");
        var again = await here.GetAsync(RoomFollower.StreamOf(following.Page));
        Assert.Equal(303, again.Status);
        Assert.StartsWith("/signin?returnUrl=", again.Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_expires_takes_its_streams_along()
    {
        using var maya = await app.SignInAsAsync("Maya");
        var chat = await maya.StartChatAsync("Hello");
        await maya.LastAnswerAsync(chat);
        using var following = await RoomFollower.OpenAsync(maya, chat);

        app.Time.Advance(TimeSpan.FromDays(31));

        await EndsAsync(following);
    }

    [Fact]
    public async Task The_live_page_of_an_ended_session_ends_and_says_so()
    {
        using var maya = await app.SignInAsAsync("Maya");
        app.OpenAI.Behaviour = new() { Text = "First words and then a silence.", HangAfterTokens = 3, FirstTokenDelayMs = 0, TokenDelayMs = 0 };
        var chat = await maya.StartChatAsync("Tell me a long story");
        var answer = await maya.AnswerInStateAsync(chat, "streaming");
        using var response = await maya.Http.GetAsync($"{chat}/messages/{answer.MessageId()}/live", HttpCompletionOption.ResponseHeadersRead);

        await SignOutAsync(maya);

        var page = await response.Content.ReadAsStringAsync().WaitAsync(Patience);
        Assert.Contains("You are signed out.", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/signin?returnUrl=%2Fchats%2F", page, StringComparison.Ordinal);
        Assert.EndsWith("</html>", page.TrimEnd(), StringComparison.Ordinal);
    }

    private static async Task SignOutAsync(Visitor visitor)
    {
        var form = (await visitor.GetAsync("/signout")).Document.QuerySelector<IHtmlFormElement>("form[action='/signout']")!;
        Assert.Equal(303, (await visitor.SubmitAsync(form)).Status);
    }

    private static async Task EndsAsync(RoomFollower following)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await following.NextAsync(limit.Token) is not null) { }
    }
}
