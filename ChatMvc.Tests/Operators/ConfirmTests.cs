using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Operators.Access;
using ChatMvc.Tests.Accounts;

namespace ChatMvc.Tests.Operators;

/// <summary>Operators show again who they are.</summary>
public sealed class ConfirmTests : IAsyncLifetime
{
    private const string Password = "plain bread and salted butter";
    private TestApp app = null!;

    public async Task InitializeAsync() => app = await Ops.StartAsync();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task A_code_opens_the_page_that_was_asked_for_and_it_is_written_down()
    {
        using var olga = await app.SignInAsOperatorAsync();
        app.Time.Advance(OperatorsOnly.ConfirmationLasts);
        var asked = await olga.GetAsync((await olga.GetAsync("/ops/audit")).Location!);

        var sent = await olga.SubmitAsync(Form(asked));
        var page = await olga.GetAsync(sent.Location!);
        Assert.Equal(422, (await olga.SubmitAsync(Form(page), ("code", "000000"))).Status);
        var done = await olga.SubmitAsync(Form(page), ("code", page.Document.QuerySelector("#sandbox-code")!.TextContent));

        Assert.Equal((303, "/ops/audit"), (done.Status, done.Location));
        Assert.Equal(200, (await olga.GetAsync("/ops/audit")).Status);
        Assert.Equal(("confirm", TestApp.PhoneOf(Ops.Operator)), ((await app.LastDeedAsync()).Action, (await app.LastDeedAsync()).Actor));
    }

    [Fact]
    public async Task Where_there_is_a_password_the_code_alone_is_not_enough()
    {
        using var olga = await app.SignInAsOperatorAsync();
        var account = await olga.GetAsync("/account/password");
        await olga.SubmitAsync(account.Document.QuerySelector<IHtmlFormElement>("form[action='/account/password']")!, ("password", Password));
        app.Time.Advance(OperatorsOnly.ConfirmationLasts);
        await olga.SubmitAsync(Form(await olga.GetAsync("/ops/confirm")));
        var page = await olga.GetAsync("/ops/confirm");
        var code = page.Document.QuerySelector("#sandbox-code")!.TextContent;

        var refused = await olga.SubmitAsync(Form(page), ("code", code), ("password", "something else entirely"));
        Assert.Equal(422, refused.Status);
        Assert.Contains("not your password", refused.Notice("error"), StringComparison.Ordinal);
        Assert.Equal(303, (await olga.GetAsync("/ops/audit")).Status);

        Assert.Equal((303, "/ops"), await WhereAsync(olga.SubmitAsync(Form(page), ("code", code), ("password", Password))));
        Assert.Equal(200, (await olga.GetAsync("/ops/audit")).Status);
    }

    [Fact]
    public async Task It_leads_nowhere_but_to_operators_pages()
    {
        using var olga = await app.SignInAsOperatorAsync();
        foreach (var target in (string[])["https://evil.example/ops", "//evil.example", "/opsx", "/chats"])
        {
            var page = await olga.GetAsync("/ops/confirm?returnUrl=" + Uri.EscapeDataString(target));
            Assert.EndsWith("returnUrl=%2Fops", Form(page).GetAttribute("action"), StringComparison.Ordinal);
        }
    }

    private static async Task<(int, string?)> WhereAsync(Task<Answer> answer) => ((await answer).Status, (await answer).Location);

    private static IHtmlFormElement Form(Answer page) => page.Document.QuerySelector<IHtmlFormElement>("form[action^='/ops/confirm']")!;
}
