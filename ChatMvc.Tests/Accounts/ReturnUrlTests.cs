using ChatMvc.Accounts;

namespace ChatMvc.Tests.Accounts;

public sealed class ReturnUrlTests
{
    public static TheoryData<string> Attacks =>
    [
        "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "http:/evil.example", "javascript:alert(1)",
        "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "/%2fevil.example", "/%2Fevil.example",
        "/%5cevil.example", "/%252fevil.example", "/%09/evil.example", "/.//evil.example", "/x/..//evil.example", "/..%2f/evil.example",
        "~/chats", "~//evil.example", "evil.example", "@evil.example", "/chats\r\nSet-Cookie: chat=1", "/ch\u0430ts", "", " ", "?x", "#x",
        "/signin", "/signin/code", "/signin/password", "/signout", "/password/forgot", "/password/reset", "/chats/" + new string('x', 2_000),
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Anything_but_a_page_of_ours_becomes_the_chat_list(string url) => Assert.Equal("/chats", ReturnUrl.Local(url));

    [Theory]
    [InlineData("/chats")]
    [InlineData("/chats/Ab3_-x?before=12#m-12")]
    [InlineData("/history?q=https%3A%2F%2Fexample.org//&page=2")]
    [InlineData("/signing-of-treaties")]
    [InlineData("/account/password")]
    [InlineData("/")]
    public void A_page_of_ours_is_gone_back_to(string url) => Assert.Equal(url, ReturnUrl.Local(url));

    [Fact]
    public async Task Signing_in_never_leads_to_another_host()
    {
        await using var app = await AccountApp.StartAsync();
        foreach (var url in Attacks)
        {
            using var maya = app.Browser();
            var asked = await maya.AskAsync("+12125550101", url);
            Assert.Equal("/signin/code?returnUrl=%2Fchats", asked.Location);
            var typed = await maya.PostAsync("/signin/code", ("code", await maya.CodeAsync()), ("returnUrl", url));
            Assert.Equal((303, "/chats"), (typed.Status, typed.Location));
            Assert.Equal("/chats", (await maya.GetAsync("/signin?returnUrl=" + Uri.EscapeDataString(url))).Location);
            app.Time.Advance(TimeSpan.FromMinutes(15));
        }
    }
}
