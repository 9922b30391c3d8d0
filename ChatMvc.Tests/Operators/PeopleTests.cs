using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using ChatMvc.Operators.People;
using ChatMvc.Tests.Billing;
using ChatMvc.Tests.Billing.Usage;
using ChatMvc.Tests.Chats;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Operators;

/// <summary>The list of people, and inviting.</summary>
public sealed class PeopleTests
{
    [Fact]
    public async Task People_stand_on_pages_newest_first_each_once()
    {
        await using var app = await Ops.StartAsync();
        using var olga = await app.SignInAsOperatorAsync();
        await ManyAsync(app, 120);

        var seen = new List<string>();
        for (var path = "/ops/users"; path is not null;)
        {
            var page = await olga.GetAsync(path);
            seen.AddRange(Ids(page));
            path = page.Document.QuerySelector("a[rel=next]")?.GetAttribute("href");
        }

        Assert.Equal(Enumerable.Range(1, 121).Reverse().Select(i => i.ToString(CultureInfo.InvariantCulture)), seen);
    }

    [Theory]
    [InlineData("+1212", 100)]
    [InlineData("0012125550", 100)]
    [InlineData("+1 (212) 555-0042", 1)]
    [InlineData("212 555 0042", 1)]
    [InlineData("50042", 1)]
    [InlineData("#17", 1)]
    [InlineData("17", 2)]
    [InlineData("person_7%", 1)]
    [InlineData("PERSON_77", 1)]
    [InlineData("%", 100)]
    [InlineData("_", 100)]
    [InlineData("+", 0)]
    [InlineData("+49", 0)]
    [InlineData("' OR 1=1 --", 0)]
    [InlineData("   ", 101)]
    public async Task People_are_found_by_number_id_or_name(string typed, int count)
    {
        await using var app = await Ops.StartAsync();
        using var olga = await app.SignInAsOperatorAsync();
        await ManyAsync(app, 100);

        var found = new List<string>();
        for (var path = "/ops/users?q=" + Uri.EscapeDataString(typed); path is not null;)
        {
            var page = await olga.GetAsync(path);
            Assert.Equal(200, page.Status);
            found.AddRange(Ids(page));
            path = page.Document.QuerySelector("a[rel=next]")?.GetAttribute("href");
        }

        Assert.Equal(count, found.Distinct().Count());
        Assert.Equal(count, found.Count);
    }

    [Fact]
    public async Task The_beginning_of_a_number_is_one_range_of_the_index_on_every_page()
    {
        await using var app = await Ops.StartAsync();
        using var olga = await app.SignInAsOperatorAsync();
        var last = await app.UserAsync(Ops.Operator);
        foreach (var after in new[] { null, last })
        {
            var sql = await app.ReadAsync(db => Task.FromResult(PeopleSearch.Find(db.Users, "+1212", after).Take(51).ToQueryString()));
            var plan = await app.PlanAsync(string.Join('\n', sql.Split('\n').Where(line => !line.StartsWith(".param", StringComparison.Ordinal))));
            Assert.StartsWith("SEARCH u USING INDEX IX_Users_Phone (Phone>", Assert.Single(plan), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_line_tells_plan_credit_use_and_devices_and_nothing_that_anybody_wrote()
    {
        await using var app = await Ops.StartAsync();
        using var olga = await app.SignInAsOperatorAsync();
        using var maya = await app.SignInAsAsync("Maya");
        using var phone = await app.SignInAsAsync("Maya");
        await app.CreditAsync("Maya", 7);
        await maya.LastAnswerAsync(await maya.StartChatAsync("My secret is a pelican"));
        await app.UseAsync("Maya", app.Time.GetUtcNow(), cost: 20_000);

        var page = await olga.GetAsync("/ops/users?q=" + Uri.EscapeDataString(TestApp.PhoneOf("Maya")));

        var cells = page.Document.QuerySelectorAll("tr[data-person] td").Select(c => c.TextContent.Trim()).ToList();
        Assert.StartsWith(TestApp.PhoneOf("Maya"), cells[0], StringComparison.Ordinal);
        Assert.Equal(["Basic", "$7.00", "2"], cells[2..5]);
        Assert.Equal("2", cells[6]);
        Assert.DoesNotContain("pelican", page.Text + (await olga.GetAsync(await app.PageOfAsync("Maya"))).Text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("never what anybody writes", page.Text, StringComparison.Ordinal);
        Assert.Contains("never what you write", (await maya.GetAsync("/account")).Text, StringComparison.Ordinal);
    }

    [Fact]
    [FindsInAuditLog(typeof(PeopleModel), nameof(PeopleModel.OnPostAsync))]
    public async Task A_number_is_invited_and_may_sign_up()
    {
        await using var app = await Ops.StartAsync("SignUp:Mode=invited");
        using var olga = await app.SignInAsOperatorAsync();

        var done = await InviteAsync(olga, TestApp.PhoneOf("Maya"));

        Assert.Equal((303, "/ops/users"), (done.Status, done.Location));
        Assert.Contains("may sign up now", (await olga.GetAsync("/ops/users")).Notice("info"), StringComparison.Ordinal);
        var deed = await app.LastDeedAsync();
        Assert.Equal(("invite", TestApp.PhoneOf(Ops.Operator)), (deed.Action, deed.Actor));
        // The log is for ever.
        Assert.DoesNotContain(TestApp.PhoneOf("Maya"), deed.Subject, StringComparison.Ordinal);
        using var maya = await app.SignInAsAsync("Maya");
        await InviteAsync(olga, TestApp.PhoneOf("Maya"));
        Assert.Contains("has an account already", (await olga.GetAsync("/ops/users")).Notice("info"), StringComparison.Ordinal);
        var refused = await InviteAsync(olga, "hello");
        Assert.Equal(422, refused.Status);
        Assert.Contains("not a phone number", refused.Notice("error"), StringComparison.Ordinal);
        Assert.Equal("hello", refused.Document.QuerySelector<IHtmlInputElement>("#invite")!.Value);
        Assert.Equal(1, await app.ReadAsync(db => db.AuditEntries.CountAsync()));
    }

    [Fact]
    public async Task Where_an_invitation_lets_nobody_in_there_is_none()
    {
        await using var app = await Ops.StartAsync();
        using var olga = await app.SignInAsOperatorAsync();
        Assert.Null((await olga.GetAsync("/ops/users")).Document.QuerySelector("#invite"));
        Assert.Equal(422, (await olga.PostAsync("/ops/users", ("phone", "+12125550100"))).Status);
        Assert.Equal(0, await app.ReadAsync(db => db.Invitations.CountAsync()));
    }

    private static async Task<Answer> InviteAsync(Visitor olga, string phone) =>
        await olga.SubmitAsync((await olga.GetAsync("/ops/users")).Document.QuerySelector<IHtmlFormElement>("form[method=post][action='/ops/users']")!, ("phone", phone));

    private static Task<int> ManyAsync(TestApp app, int count) => app.SqlAsync(string.Create(CultureInfo.InvariantCulture, $"""
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
        INSERT INTO Users (Phone, DisplayName, CreatedAt, SafetyKey, Theme) SELECT '+12125550' || printf('%03d', i), 'Person_' || i || '%', i, 'x', 'System' FROM n
        """));

    private static IEnumerable<string> Ids(Answer page) => page.Document.QuerySelectorAll("tr[data-person]").Select(r => r.GetAttribute("data-person")!);
}
